"""One step of mlx-lm's training loop, exported as `mx.compile` gets it.

A port of `step` in `mlx_lm.tuner.trainer.train` and of PyCompiledFun in MLX's python/src/transforms.cpp: the whole
state goes in and comes out, and MLX simplifies what is exported just as what it compiles.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_map
from mlx_lm.tuner.trainer import default_loss

from app.engine.tracing.building import Built
from app.engine.tracing.checkpointing import MARKERS, MarkedCall, Rehearsal, StandIn, checkpointing
from app.engine.tracing.promises import kept
from app.engine.tracing.randomness import Keys, is_random
from app.engine.tracing.recording import Recorder, scalar
from app.engine.tracing.slots import Slot, fill, held, slots
from app.engine.tracing.stand_ins import standing_in
from app.wire.tape import Checkpoint, Tape


@dataclass(frozen=True)
class Phase:
    """One of the graphs that a training runs."""

    name: str
    has_sum: bool
    """Whether gradients of steps before are there: to add to, or to keep while validating."""
    steps: int
    """Steps whose gradients make one update."""
    checkpoints: bool


def phases(steps: int, checkpoints: bool) -> list[Phase]:
    """Those that can set the peak, in the order of a training, which begins with a validation.

    Of several steps that only add up, it is the one that has something to add to.
    """
    several = steps > 1
    adding = [Phase("accumulate", steps > 2, steps, checkpoints)] if several else []
    return [Phase("validate", several, steps, False), *adding, Phase("update", several, steps, checkpoints)]


def trace(built: Built, phase: Phase, batch: int, width: int, settled: bool = False) -> Tape:
    """The tape of one phase. Raises what MLX raises for a graph that cannot be built or exported.

    A model that adds to its state is traced again, `settled`, with what it added.
    """
    model = built.model
    model.train(phase.name != "validate")
    state = [model.state, built.optimizer.state]
    places = slots(state)
    arrays = held(places)
    total = tree_map(mx.zeros_like, model.trainable_parameters()) if phase.has_sum else None
    summed = held(slots(total))
    roles = ["batch", "batch", *["accumulator"] * len(summed), *_roles(built), "random"]
    results: list[mx.array] = []
    calls: list[MarkedCall] = []

    def step(batch: mx.array, lengths: mx.array, *flat: mx.array) -> list[mx.array]:
        fill(slots(total), flat[: len(summed)])
        fill(places, flat[len(summed) : -1])
        keys = Keys(flat[-1])
        with keys.in_use(), _checkpointed(model, phase, keys, batch, lengths) as marked:
            results.extend(_step(built, phase, batch, lengths, total))
        calls.extend(marked)
        after = [] if phase.name == "validate" else [*held(slots(state)), keys.state]
        return [*results, *after, *(mark for call in calls for side in call for mark in side)]

    recorder = Recorder()
    inputs = [mx.zeros((batch, width), mx.int32), mx.zeros((batch, 2), mx.int32), *summed, *arrays, mx.random.key(0)]
    try:
        with standing_in():
            mx.export_function(recorder, step, *inputs)
    finally:
        has_grown = _restore(state, places, arrays)
    if has_grown and not settled:
        return trace(built, phase, batch, width, settled=True)
    return _tape(recorder, phase, roles, len(results), calls)


def _step(built: Built, phase: Phase, batch: mx.array, lengths: mx.array, total: Any) -> list[mx.array]:
    """What it returns, flat: a step's, or a batch of mlx-lm's evaluate."""
    model = built.model
    if phase.name == "validate":
        loss, tokens = default_loss(model, batch, lengths)
        return [loss * tokens, tokens]
    (loss, tokens), gradient = nn.value_and_grad(model, default_loss)(model, batch, lengths)
    if total is not None:
        gradient = tree_map(lambda x, y: x + y, gradient, total)
    if phase.name == "accumulate":
        return [loss, tokens, *held(slots(gradient))]
    if phase.steps > 1:
        gradient = tree_map(lambda x: x / phase.steps, gradient)
    built.optimizer.update(model, gradient)
    return [loss, tokens]


@contextlib.contextmanager
def _checkpointed(
    model: nn.Module, phase: Phase, keys: Keys, batch: mx.array, lengths: mx.array
) -> Iterator[list[MarkedCall]]:
    """Where the phase checkpoints, let the model do so. The calls come to stand in the list."""
    if not phase.checkpoints:
        yield []
        return
    second_passes: list[int] = []
    if is_random(model):
        rehearsal = Rehearsal(keys)
        with checkpointing(model.layers[0], rehearsal):  # under a gradient, for MLX builds another graph without
            mx.grad(lambda one: default_loss(model, batch, lengths)[0] * one)(mx.array(1.0))
        second_passes = rehearsal.second_passes()
        keys.position = 0
    stand_in = StandIn(keys, second_passes)
    with checkpointing(model.layers[0], stand_in):
        yield stand_in.calls


def _roles(built: Built) -> list[str]:
    trained = {id(array) for array in held(slots(built.model.trainable_parameters()))}
    of_model = ["adapter" if id(array) in trained else "weights" for array in held(slots(built.model.state))]
    return [*of_model, *["optimizer"] * len(slots(built.optimizer.state))]


def _restore(state: Any, places: list[Slot], arrays: list[mx.array]) -> bool:
    """Put the state's arrays back. Whether the step added some, as models do that keep what they computed once.

    Those stay, for the model counts on them from now on, but not as arrays of a graph that is gone.
    """
    known = {(id(container), key) for container, key in places}
    added = [(container, key) for container, key in slots(state) if (id(container), key) not in known]
    fill(added, map(mx.zeros_like, held(added)))
    fill(places, arrays)
    return bool(added)


def _tape(recorder: Recorder, phase: Phase, roles: list[str], results: int, calls: list[MarkedCall]) -> Tape:
    primitives, outputs = kept(recorder.primitives, recorder.outputs, recorder.constants)
    marks = sum(len(side) for call in calls for side in call)
    returned, after = outputs[:results], outputs[results : len(outputs) - marks]
    following = iter(outputs[len(outputs) - marks :])
    checkpoints = [Checkpoint(*(tuple(islice(following, len(side))) for side in call)) for call in calls]
    inputs = dict(zip(recorder.inputs, roles, strict=True))
    replaced = {*inputs} - {*after} if after else set()
    markers = [number for number, array in recorder.constants.items() if scalar(array) in MARKERS] if calls else ()
    return Tape(
        phase=phase.name,
        shapes=tuple(recorder.shapes),
        itemsizes=tuple(recorder.itemsizes),
        primitives=tuple(primitives),
        inputs=inputs,
        constants=tuple(recorder.constants),
        evaluated=(*after, *returned),
        released=tuple([number for number in inputs if number in replaced and inputs[number] != "batch"]),
        gradients=returned[2:],
        checkpoints=tuple(checkpoints),
        markers=tuple(markers),
    )
