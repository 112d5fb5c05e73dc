"""One replay of a step: what is allocated, shared, donated and let go, primitive by primitive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.memory.simulator.arrays import Array, Buffer, Strides
from app.memory.simulator.program import Program, Step
from app.memory.simulator.run_ahead import RunAhead

_SPARE = 16384
"""Bytes that a donated buffer may be larger than what is wanted (common/utils.h, `donation_extra`)."""


@dataclass(frozen=True)
class Held:
    """A buffer in its time: the array for which it was allocated, and the first and last position that had it."""

    array: int
    bytes: int
    first: int
    last: int


@dataclass(frozen=True)
class Timeline:
    """Bytes, by position in the program's steps: the most that were live while each was prepared."""

    live: tuple[int, ...]
    buffers: tuple[Held, ...]
    unknown: frozenset[str]
    """Primitives without a rule, taken to allocate their outputs and nothing else."""

    @property
    def peak(self) -> int:
        return max(self.live)

    def held(self, position: int) -> tuple[Held, ...]:
        """What makes up the live bytes of a position."""
        return tuple(each for each in self.buffers if each.first <= position <= each.last)


Rules = Mapping[str, Callable[["Evaluation", Step, Sequence[Array], Sequence[Array]], None]]
"""What each primitive does to the evaluation, by its name; "" does for one that is not known."""


class Evaluation:
    """MLX's state while it evaluates; the rules of the primitives act on it."""

    def __init__(
        self,
        program: Program,
        shapes: Sequence[tuple[int, ...]],
        itemsizes: Sequence[int],
        run_ahead: RunAhead,
        rules: Rules,
    ):
        self._rules = rules
        self._program, self._run_ahead = program, run_ahead
        self._shapes, self._itemsizes = shapes, itemsizes
        self._references = list(program.references)
        self._live = self._most = self._position = 0
        self._buffers: list[Buffer] = []
        self._ends: dict[Buffer, int] = {}
        self._temporaries: list[Buffer] = []
        self._unknown: set[str] = set()
        self._arrays: dict[int, Array] = {}
        for number in program.given:
            array = self._new(number)
            array.lay_out()
            self.allocate(array, array.bytes if self._references[number] else 0)

    def run(self) -> Timeline:
        live = []
        for position, step in enumerate(self._program.steps):
            self._position, self._most = position, self._live
            self._evaluate(step)
            live.append(self._most)
        end = len(live)
        buffers = tuple(
            Held(each.array, each.bytes, each.born, self._ends.get(each, end)) for each in self._buffers if each.bytes
        )
        return Timeline(tuple(live), buffers, frozenset(self._unknown))

    def _evaluate(self, step: Step) -> None:
        inputs = [self._arrays[number] for number in step.inputs]
        outputs = [self._new(number) for number in step.outputs]
        if step.name not in self._rules:
            self._unknown.add(step.name)
        self._rules.get(step.name, self._rules[""])(self, step, inputs, outputs)
        own = self._arrays[step.own].buffer
        held = {array.buffer: None for array in (*inputs, *outputs)}
        # What the step's own output shares with an input is kept by that output (cpu/eval.cpp).
        held.pop(own, None)
        for buffer in held:
            buffer.holders += 1
        self._run_ahead.dispatch((*held, *self._temporaries), sum(array.data_size for array in outputs))
        self._temporaries.clear()
        for buffer in self._run_ahead.done():
            self._let_go(buffer)
        self._detach(step, inputs, outputs)

    def _detach(self, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """An evaluated array forgets its inputs, and whoever nobody refers to any more dies."""
        for array in inputs:
            self._references[array.number] -= len(outputs)
            if not self._references[array.number]:
                self._let_go(array.buffer)
        for array in outputs:
            if not self._references[array.number]:
                self._let_go(array.buffer)

    # What the rules do

    def allocate(self, array: Array, size: int) -> None:
        buffer = array.buffer = Buffer(array.number, size, born=self._position)
        self._buffers.append(buffer)
        self._live += size
        self._most = max(self._most, self._live)

    def fresh(self, array: Array) -> None:
        """All of it, in rows."""
        array.lay_out()
        self.allocate(array, array.bytes)

    def alike(self, array: Array, other: Array) -> None:
        """Memory of its own, as much of it and laid out as another's."""
        array.lay_out_like(other)
        self.allocate(array, other.data_size * array.itemsize)

    def share(self, array: Array, other: Array, strides: Strides | None = None) -> None:
        """The other's memory, as a view of it or for good."""
        array.lay_out_like(other)
        if strides is not None:
            array.strides = strides
        array.buffer = other.buffer
        other.buffer.holders += 1

    def temporary(self, size: int) -> None:
        """Memory that lives until the primitive's kernel is done, filled by a kernel of its own."""
        buffer = Buffer(-1, size, born=self._position)
        self._buffers.append(buffer)
        self._live += size
        self._most = max(self._most, self._live)
        self._temporaries.append(buffer)
        self.dispatch()

    def dispatch(self) -> None:
        """A kernel of the primitive's own."""
        self._run_ahead.dispatch((), 0)

    def is_donatable(self, array: Array) -> bool:
        """Whether nobody else needs it (array.h, `is_donatable`)."""
        return self._references[array.number] == 1 and array.buffer.holders == 1

    def is_scalar_constant(self, array: Array) -> bool:
        return array.number in self._program.scalars and array.size == 1

    def fits(self, array: Array, into: Array) -> bool:
        """Whether its memory can become the other's (common/utils.h, `is_donatable`)."""
        return (
            array.itemsize == into.itemsize and array.buffer.bytes <= into.bytes + _SPARE and self.is_donatable(array)
        )

    def _new(self, number: int) -> Array:
        origin = self._program.origins[number]
        array = self._arrays[number] = Array(number, self._shapes[origin], self._itemsizes[origin])
        return array

    def _let_go(self, buffer: Buffer) -> None:
        buffer.holders -= 1
        if not buffer.holders:
            self._live -= buffer.bytes
            self._ends[buffer] = self._position
