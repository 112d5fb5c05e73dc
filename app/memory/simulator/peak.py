"""The peak of a training: of all its phases, and of all states in which a step may find the queue of kernels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app.memory.simulator.evaluation import Timeline, replay
from app.memory.simulator.program import Program, compile_program
from app.memory.simulator.run_ahead import CpuRunAhead, RunAhead
from app.wire.tape import Tape

Begin = Callable[[], RunAhead]
"""The queue of kernels as a step finds it."""

CPU_BEGINNINGS: tuple[Begin, ...] = tuple(partial(CpuRunAhead, begun) for begun in range(10))
"""By how many dispatches went before, modulo ten.

A training walks from one state to another, so its peak is that of the worst: over 14 iterations of one case 145.0,
145.1, 146.1, 147.2 and 148.2 MB were measured, and just these simulated. Over 38 cases of three iterations each
(`python -m bench memory`) the worst state was off by 0.1 % (median; from -0.4 to 2.2), the first by 0.1 (from -3.9 to
0.8), the median one by 0.1 (from -2.9 to 0.8).
"""


@dataclass(frozen=True)
class Peak:
    """Bytes."""

    low: int
    """Of the state of the queue that needs least."""
    phase: str
    """Of the tape that peaks."""
    program: Program
    timeline: Timeline
    """The replay from the state that needs most."""
    beginning: int
    """Which of the beginnings it had."""
    unknown: frozenset[str]
    """Primitives without a rule, in any phase."""

    @property
    def point(self) -> int:
        """The best single answer: what a training of many steps reaches."""
        return self.timeline.peak

    @property
    def high(self) -> int:
        """No state of the queue needs more."""
        return self.point

    @property
    def position(self) -> int:
        """Where the timeline peaks."""
        return self.timeline.live.index(self.point)


def peak_bytes(tapes: Sequence[Tape], beginnings: Sequence[Begin] = CPU_BEGINNINGS) -> Peak:
    """The peak over tapes of one training, at the shapes they were traced with.

    Raises ValueError for checkpoint marks that do not stand as agreed.
    """
    peaks = [peak_of(tape, compile_program(tape), tape.shapes, beginnings) for tape in tapes]
    largest = max(peaks, key=lambda peak: peak.point)
    return Peak(
        max(peak.low for peak in peaks),
        largest.phase,
        largest.program,
        largest.timeline,
        largest.beginning,
        frozenset().union(*(peak.unknown for peak in peaks)),
    )


def peak_of(
    tape: Tape,
    program: Program,
    shapes: Sequence[tuple[int, ...]],
    beginnings: Sequence[Begin] = CPU_BEGINNINGS,
) -> Peak:
    """The peak of one phase, its tape compiled, at any shapes of the same structure."""
    timelines = [replay(program, shapes, tape.itemsizes, begin()) for begin in beginnings]
    peaks = [timeline.peak for timeline in timelines]
    worst = peaks.index(max(peaks))
    return Peak(min(peaks), tape.phase, program, timelines[worst], worst, timelines[worst].unknown)
