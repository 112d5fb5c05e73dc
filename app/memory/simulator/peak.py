"""The peak of a training: of all its phases, and of all states in which a step may find the queue of kernels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median_high

from app.memory.simulator.evaluation import Timeline, replay
from app.memory.simulator.program import Program, compile_program
from app.memory.simulator.run_ahead import CpuRunAhead, RunAhead
from app.wire.tape import Tape

CPU_BEGINNINGS: tuple[Callable[[], RunAhead], ...] = tuple(partial(CpuRunAhead, begun) for begun in range(10))
"""How many dispatches went before a step, modulo ten, is not known: a training walks from one such state to another."""


@dataclass(frozen=True)
class Peak:
    """Bytes. `low` and `high` are the least and the most that any beginning gives."""

    low: int
    high: int
    phase: str
    """Of the tape that peaks."""
    program: Program
    timeline: Timeline
    """The replay whose peak is the best single answer."""
    beginning: int
    """Which of the beginnings it had."""
    unknown: frozenset[str]
    """Primitives without a rule, in any phase."""

    @property
    def point(self) -> int:
        """The best single answer."""
        return self.timeline.peak

    @property
    def position(self) -> int:
        """Where the timeline peaks."""
        return self.timeline.live.index(self.point)


def peak_bytes(tapes: Sequence[Tape], beginnings: Sequence[Callable[[], RunAhead]] = CPU_BEGINNINGS) -> Peak:
    """The peak over tapes of one training, at the shapes they were traced with.

    Raises ValueError for checkpoint marks that do not stand as agreed.
    """
    peaks = [peak_of(tape, compile_program(tape), tape.shapes, beginnings) for tape in tapes]
    largest = max(peaks, key=lambda peak: peak.point)
    return Peak(
        max(peak.low for peak in peaks),
        max(peak.high for peak in peaks),
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
    beginnings: Sequence[Callable[[], RunAhead]] = CPU_BEGINNINGS,
) -> Peak:
    """The peak of one phase, its tape compiled, at any shapes of the same structure."""
    timelines = [replay(program, shapes, tape.itemsizes, begin()) for begin in beginnings]
    peaks = [timeline.peak for timeline in timelines]
    at = peaks.index(median_high(peaks))
    return Peak(min(peaks), max(peaks), tape.phase, program, timelines[at], at, timelines[at].unknown)
