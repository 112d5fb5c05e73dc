"""Axes of a chart: bounds that breathe, ticks at round values, short labels. Plain Python, no numpy."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

LABEL = 7
"""The longest label of a loss, in characters."""

_MANTISSAS = (1, 2, 5, 10)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIME_STEPS = (
    1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE,
    _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
)  # fmt: skip


@dataclass(frozen=True)
class Across:
    """The axis below a plot: `ticks(low, high, count)` within its ends, and how they are written."""

    ticks: Callable[[float, float, int], list[int]]
    labels: Callable[[list[int]], list[str]]


def nice_step(span: float, count: int) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that cuts `span` into at most `count` pieces."""
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in _MANTISSAS if m * power >= raw * (1 - 1e-9)), 10 * power)


def bounds(low: float, high: float, log: bool = False) -> tuple[float, float]:
    """The ends of an axis for `low` to `high`: a little wider, on round values so that it seldom moves.

    A linear axis of losses that are not negative never goes below 0. A log axis needs `low` above 0.
    """
    if log:
        bottom, top = _widened(math.log10(low), math.log10(high))
        return 10.0**bottom, 10.0**top
    bottom, top = _widened(low, high)
    return (max(bottom, 0.0) if low >= 0 else bottom), top


def _widened(low: float, high: float) -> tuple[float, float]:
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-300):
        pad = abs(low) * 0.1 or 1.0
        return low - pad, high + pad
    unit = nice_step(high - low, 40)
    return math.floor(low / unit - 0.5) * unit, math.ceil(high / unit + 0.5) * unit


def linear_ticks(low: float, high: float, count: int) -> list[float]:
    """Round values within `low` to `high`: about `count`, and two at least."""
    step = nice_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last <= first:
        return linear_ticks(low, high, count + 1)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(k * step, digits) for k in range(first, last + 1)]


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """1, 2, 5 per decade; whole decades where crowded; linear ticks within a third of one."""
    if math.log10(high / low) < 1 / 3:
        return linear_ticks(low, high, count)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = range(first, last + 1)
    by_125 = [m * 10.0**d for d in decades for m in (1, 2, 5)]
    by_decades = [[10.0**d for d in decades if d % stride == 0] for stride in range(1, len(decades) + 1)]
    candidates = [[t for t in ticks if low <= t <= high] for ticks in (by_125, *by_decades)]
    return next((ticks for ticks in candidates if len(ticks) <= max(count, 2)), candidates[-1])


def whole_ticks(low: float, high: float, count: int) -> list[int]:
    """Round whole numbers within `low` to `high`, at least 2 apart, for iterations."""
    step = max(1, round(nice_step(high - low, count)))
    first, last = math.ceil(low / step), math.floor(high / step)
    if last <= first:
        return whole_ticks(low, high, count + 1)
    return [k * step for k in range(first, last + 1)]


def loss_labels(ticks: list[float]) -> list[str]:
    """Even ticks with as many decimals as tell them apart, others with four digits; at most LABEL long."""
    gaps = [b - a for a, b in pairwise(ticks)]
    if gaps and max(gaps) - min(gaps) < 1e-6 * max(gaps):
        decimals = max(0, -math.floor(math.log10(min(gaps)) + 1e-9))
        labels = [f"{tick:.{decimals}f}" for tick in ticks]
        if max(map(len, labels)) <= LABEL:
            return labels
    return [_short(tick) for tick in ticks]


def rate_labels(ticks: list[float]) -> list[str]:
    """Each tick with as few digits as it needs: `5e-6`, and 0 as `0`."""
    return [_short(tick) for tick in ticks]


def _short(tick: float) -> str:
    texts = (re.sub(r"e([+-])0", r"e\1", f"{tick:.{digits}g}") for digits in (4, 3, 2, 1))
    return next(text for text in texts if len(text) <= LABEL)


def whole_labels(ticks: list[int]) -> list[str]:
    """Iterations, shortened to `250k` or `1.5M` where every tick stays exact."""
    if ticks and max(ticks) >= 1_000_000 and all(tick % 100_000 == 0 for tick in ticks):
        return [f"{tick / 1e6:g}M" if tick else "0" for tick in ticks]
    if ticks and max(ticks) >= 10_000 and all(tick % 1000 == 0 for tick in ticks):
        return [f"{tick // 1000}k" if tick else "0" for tick in ticks]
    return [str(tick) for tick in ticks]


def time_ticks(low: float, high: float, count: int) -> list[int]:
    """Round times within `low` to `high` seconds, at least 2 apart."""
    wanted = (high - low) / max(count, 1)
    step = next((step for step in _TIME_STEPS if step >= wanted), None)
    if step is None:
        return [_DAY * day for day in whole_ticks(low / _DAY, high / _DAY, count)]
    first, last = math.ceil(low / step), math.floor(high / step)
    if last <= first:
        return time_ticks(low, high, count + 1)
    return [k * step for k in range(first, last + 1)]


def time_labels(ticks: list[int]) -> list[str]:
    """As `45 s`, `1m30`, `5 m`, `1h30`, `2 h`, `3 d`."""
    return [_time_label(tick) for tick in ticks]


def _time_label(seconds: int) -> str:
    for size, unit, below, name in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, ""), (_MINUTE, "m", 1, "")):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            return f"{whole}{unit}{rest // below:02}{name}" if rest else f"{whole} {unit}"
    return f"{seconds} s" if seconds else "0"


ITERATIONS = TOKENS = Across(whole_ticks, whole_labels)
TIME = Across(time_ticks, time_labels)
