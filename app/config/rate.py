"""The learning rate that the optimizer really uses, update by update, told without mlx.

As `mlx_lm.tuner.utils.build_schedule` makes it of `mlx.optimizers.schedulers`, which count updates from 0 and compute
in float32: so do these, operation by operation, for the powers of a rounded factor drift over a long run.
"""

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Rate = Callable[[int], float]
"""Of an update, counted from 0, as mlx counts them."""


@dataclass(frozen=True)
class Course:
    """The rate over a run. One update takes `group` iterations (grad_accumulation_steps)."""

    rate: Rate
    updates: int
    group: int
    turns: tuple[int, ...]
    """Updates between which the rate only rises or only falls, the first and the last one among them.

    A factor below 0 turns it at every update: then these are not all.
    """

    def update_of(self, iteration: int) -> int | None:
        """The update that an iteration, from 1, is part of; None for those after the last full group."""
        update = (iteration - 1) // self.group
        return update if update < self.updates else None

    @property
    def peak(self) -> tuple[int, float]:
        """The update with the highest rate, the first of equals, and that rate. The run has updates."""
        return max(((at, self.rate(at)) for at in self.turns), key=lambda place: (place[1], -place[0]))

    def extremes(self, first: int, last: int) -> tuple[float, float]:
        """The lowest and the highest rate of the updates `first` to `last`."""
        rates = [self.rate(at) for at in {first, last, *(at for at in self.turns if first < at < last)}]
        return min(rates), max(rates)


def course(schedule: Mapping[str, Any] | None, learning_rate: float, iters: int, group: int) -> Course:
    """Of a schedule that `check_structure` accepts, or of a learning rate alone."""
    updates = iters // group
    warmup = schedule.get("warmup", 0) if schedule else 0
    inner = (0, warmup, warmup + 1, *_last_of_decay(schedule, warmup)) if schedule else (0,)
    turns = tuple(sorted({at for at in (*inner, updates - 1) if 0 <= at < updates}))
    return Course(rate_of(schedule, learning_rate), updates, group, turns)


def rate_of(schedule: Mapping[str, Any] | None, learning_rate: float) -> Rate:
    """The rate by update, of a schedule that `check_structure` accepts or, without one, of the learning rate."""
    if not schedule:
        constant = _single(learning_rate)
        return lambda update: constant
    decay = _SCHEDULES[schedule["name"]](*schedule["arguments"])
    warmup = schedule.get("warmup", 0)
    if not warmup:
        return decay
    rise = _linear(schedule.get("warmup_init", 0.0), schedule["arguments"][0], warmup)
    # join_schedules leaves the warm-up at its boundary, warmup + 1: so the peak is used twice
    return lambda update: rise(update) if update < warmup + 1 else decay(update - warmup - 1)


def _linear(init: float, end: float, steps: float) -> Rate:
    slope = _single((end - init) / steps)
    return lambda update: _single(_single(_single(min(update, steps)) * slope) + _single(init))


def _cosine(init: float, steps: float, end: float = 0.0) -> Rate:
    turn, height, bottom = _single(math.pi / steps), _single(init - end), _single(end)

    def rate(update: int) -> float:
        cosine = _single(math.cos(_single(turn * _single(min(update, steps)))))
        return _single(bottom + _single(_single(0.5 * _single(1.0 + cosine)) * height))

    return rate


def _exponential(init: float, factor: float) -> Rate:
    return lambda update: _single(_single(init) * _power(_single(factor), update))


def _step(init: float, factor: float, every: float) -> Rate:
    return lambda update: _single(_single(init) * _power(_single(factor), int(update // every)))


_SCHEDULES: Mapping[str, Callable[..., Rate]] = {
    "cosine_decay": _cosine,
    "linear_schedule": _linear,
    "exponential_decay": _exponential,
    "step_decay": _step,
}


def _last_of_decay(schedule: Mapping[str, Any], warmup: int) -> tuple[int, ...]:
    """The update from which the rate stays, where there is one."""
    place = {"cosine_decay": 1, "linear_schedule": 2}.get(schedule["name"])
    if place is None:
        return ()
    at = math.ceil(min(schedule["arguments"][place], 1e15)) + (warmup + 1 if warmup else 0)
    return at - 1, at


def _power(base: float, exponent: int) -> float:
    try:
        return _single(base**exponent)
    except OverflowError:
        return math.inf if base > 0 or exponent % 2 == 0 else -math.inf


def _single(value: float) -> float:
    """Rounded to float32."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)
