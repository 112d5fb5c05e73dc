"""Stand-ins for `mx.checkpoint`, whose own primitive MLX cannot export.

What stands in for a call runs the function twice, as the call does in the end. What the second pass reads, and what
comes out, is multiplied by a marker: so both are found in the tape, with the backward pass built between them.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_map
from mlx_lm.tuner.trainer import grad_checkpoint

from app.engine.tracing.randomness import Keys

MARKERS = (1.2421875, 1.8671875)
"""For what the second pass reads, and for what it makes: exact in bfloat16 and float16, and in nobody's model."""

Function = Callable[..., Any]
MarkedCall = tuple[list[mx.array], list[mx.array]]
"""What the second pass of a call reads, and what it makes."""


@contextlib.contextmanager
def checkpointing(layer: nn.Module, stand_in: Callable[[Function], Function]) -> Iterator[None]:
    """Checkpoint the layer's whole class as mlx-lm does, which patches it for good, and undo it at the end."""
    kind: Any = type(layer)
    forward, checkpoint = kind.__call__, mx.checkpoint
    mx.checkpoint = stand_in  # type: ignore[assignment]
    try:
        grad_checkpoint(layer)
        yield
    finally:
        kind.__call__, mx.checkpoint = forward, checkpoint


@dataclass(frozen=True)
class Rehearsal:
    """Runs checkpointed functions once, to see how many keys each draws."""

    keys: Keys
    draws: list[int] = field(default_factory=list)

    def __call__(self, function: Function) -> Function:
        def noted(*args: Any, **options: Any) -> Any:
            before = self.keys.position
            result = function(*args, **options)
            self.draws.append(self.keys.position - before)
            return result

        return noted

    def second_passes(self) -> list[int]:
        """Where the second pass of each call draws: they come after all first ones, the last call's before the rest."""
        after = accumulate(reversed(self.draws), initial=self.keys.position)
        return list(after)[:-1][::-1]


@dataclass(frozen=True)
class StandIn:
    """Runs checkpointed functions twice, and notes their calls."""

    keys: Keys
    second_passes: list[int]
    """Empty where no call draws a key."""
    calls: list[MarkedCall] = field(default_factory=list)

    def __call__(self, function: Function) -> Function:
        def twice(*args: Any, **options: Any) -> Any:
            primals: list[mx.array] = []
            outputs: list[mx.array] = []
            own_args, own_options = tree_map(_own, (list(args), options))
            first = function(*own_args, **own_options)
            marked_args, marked_options = tree_map(lambda leaf: _marked(leaf, primals), (list(args), options))
            with self.keys.moved_to(self.second_passes[len(self.calls)] if self.second_passes else 0):
                second = function(*marked_args, **marked_options)
            self.calls.append((primals, outputs))
            return tree_map(lambda a, b: _joined(a, b, outputs), first, second)

        return twice


def _marked(leaf: Any, primals: list[mx.array]) -> Any:
    if not isinstance(leaf, mx.array):
        return leaf
    if mx.issubdtype(leaf.dtype, mx.floating):
        primals.append(leaf * mx.array(MARKERS[0], leaf.dtype))
    elif leaf.dtype == mx.bool_:
        primals.append(mx.logical_and(leaf, leaf))
    else:
        primals.append(mx.maximum(leaf, leaf))
    return _own(primals[-1])


def _joined(first: Any, second: Any, outputs: list[mx.array]) -> Any:
    """The first pass's value with the second pass's gradient."""
    if not isinstance(first, mx.array):
        return first
    outputs.append(mx.stop_gradient(first) + second * mx.array(MARKERS[1], second.dtype))
    return _own(outputs[-1])


def _own(leaf: Any) -> Any:
    """The same array by another Python object, as MLX passes it on: assigning to a part of it changes no other."""
    return mx.reshape(leaf, leaf.shape) if isinstance(leaf, mx.array) else leaf
