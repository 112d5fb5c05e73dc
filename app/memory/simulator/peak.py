"""The peak of a training: of all its phases, and of all states in which a step may find the queue of kernels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app.memory.simulator.evaluation import Timeline
from app.memory.simulator.program import Program, compile_program
from app.memory.simulator.replaying import replay
from app.memory.simulator.run_ahead import CommandBuffers, CpuRunAhead, RunAhead
from app.wire.tape import Tape

Begin = Callable[[], RunAhead]
"""The queue of kernels as a step finds it."""


@dataclass(frozen=True)
class Queue:
    """The states in which a step may find the queue of kernels of one backend."""

    likely: tuple[Begin, ...]
    """The worst of them is the best single answer."""
    extreme: tuple[Begin, ...] = ()
    """Between what these need and what the likely ones do, a step may need anything."""


CPU = Queue(tuple(partial(CpuRunAhead, begun) for begun in range(10)))
"""By how many dispatches went before, modulo ten.

A training walks from one state to another, so its peak is that of the worst: over 14 iterations of one case 145.0,
145.1, 146.1, 147.2 and 148.2 MB were measured, and just these simulated. Over 38 cases of three iterations each
(`python -m bench memory`) the worst state was off by 0.1 % (median; from -0.4 to 2.2), the first by 0.1 (from -3.9 to
0.8), the median one by 0.1 (from -2.9 to 0.8).
"""
_FEW_EXCESS = 1.025
"""Our choice: above the best state, so that a training of few updates is neither told much too much nor too little."""


def of_few_updates(likely: int, low: int, updates: int) -> int:
    """The best single answer for so many updates on a CPU: few may never meet the worst of its states.

    `likely` and `low` are bytes, of the worst and the best state.
    """
    return likely if updates >= len(CPU.likely) else min(likely, round(low * _FEW_EXCESS))


def _of_gpu(most_primitives: int, most_elements: int) -> Queue:
    """Half full; and empty, as with a GPU that is faster than whoever gives it work, and full."""
    empty = partial(CommandBuffers, 0, 0, 0)
    half, full = (partial(CommandBuffers, most_primitives, most_elements, waiting) for waiting in (5, 10))
    return Queue((half,), (empty, full))


METAL = _of_gpu(50, 50 << 20)
"""mlx/backend/metal/device.cpp: a command buffer has 20 to 50 primitives and 40 or 50 Mi elements, by the chip."""
CUDA = _of_gpu(100, 1000 << 20)
"""mlx/backend/cuda/device.cpp: a graph has 20 primitives and 25 to 400 Mi elements, from the H100 on 100 and 1000."""


@dataclass(frozen=True)
class Peak:
    """Bytes."""

    low: int
    """Of the state of the queue that needs least."""
    phase: str
    """Of the tape that peaks."""
    program: Program
    high: int
    """Of the state that needs most."""
    timeline: Timeline
    """The replay from the worst of the likely states."""
    beginning: int
    """Which of them it was."""
    unknown: frozenset[str]
    """Primitives without a rule, in any phase."""

    @property
    def point(self) -> int:
        """The best single answer: what a training of many steps reaches."""
        return self.timeline.peak

    @property
    def position(self) -> int:
        """Where the timeline peaks."""
        return self.timeline.live.index(self.point)


def peak_bytes(tapes: Sequence[Tape], queue: Queue = CPU) -> Peak:
    """The peak over tapes of one training, at the shapes they were traced with.

    Raises ValueError for checkpoint marks that do not stand as agreed.
    """
    peaks = [peak_of(tape, compile_program(tape), tape.shapes, queue) for tape in tapes]
    largest = max(peaks, key=lambda peak: peak.point)
    return Peak(
        max(peak.low for peak in peaks),
        largest.phase,
        largest.program,
        max(peak.high for peak in peaks),
        largest.timeline,
        largest.beginning,
        frozenset().union(*(peak.unknown for peak in peaks)),
    )


def peak_of(tape: Tape, program: Program, shapes: Sequence[tuple[int, ...]], queue: Queue = CPU) -> Peak:
    """The peak of one phase, its tape compiled, at any shapes of the same structure."""
    timelines = [replay(program, shapes, tape.itemsizes, begin()) for begin in queue.likely]
    peaks = [timeline.peak for timeline in timelines]
    worst = peaks.index(max(peaks))
    peaks += [replay(program, shapes, tape.itemsizes, begin()).peak for begin in queue.extreme]
    answer = timelines[worst]
    return Peak(min(peaks), tape.phase, program, max(peaks), answer, worst, answer.unknown)
