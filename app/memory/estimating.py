"""From a job to its peak: first of the very point that is asked for, then of all batches and widths."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.memory.curves import Curves, Position, corners, ever_largest, fit, largest
from app.memory.family import Family, NotOneFamily, Point
from app.memory.holders import ACTIVATIONS, Holders
from app.memory.job import Job
from app.memory.reach import Reach, reach
from app.memory.simulator.evaluation import replay
from app.memory.simulator.peak import CPU_BEGINNINGS, peak_of
from app.memory.simulator.peak import Peak as PhasePeak
from app.memory.simulator.program import Program, compile_program
from app.memory.simulator.run_ahead import CommandBuffers, RunAhead
from app.memory.tracing import Tracer, Untraceable
from app.wire.tape import Tape

Begin = Callable[[], RunAhead]
Beginnings = Sequence[Begin]

METAL = partial(CommandBuffers, most_primitives=50, most_elements=50 << 20)
"""mlx/backend/metal/device.cpp: 40 to 50 primitives or Mi elements, by the chip."""
CUDA = partial(CommandBuffers, most_primitives=100, most_elements=250 << 20)
"""mlx/backend/cuda/device.cpp: 20 to 100 primitives or 25 to 1000 MB, by the chip; of 4 bytes an element here."""

_CLOSE = 0.7
"""Of the largest phase's peak: another state of the queue makes no smaller one the largest (it moves peaks by 10 %)."""
_MOST_CURVES = 8
"""Of one structure: no model is known that builds more graphs."""


@dataclass(frozen=True)
class Peak:
    """Bytes; `low` and `high` are what another phase of the dispatch counter would make of the peak."""

    point: Point
    low: int
    bytes: int
    high: int
    phase: str
    parts: dict[str, int]


@dataclass(frozen=True)
class Traced:
    """What was learned of a structure. `curves` come after the peak, and may never come; each is of another graph."""

    structure: str
    peak: Peak
    """Of the point that was traced last."""
    unknown: tuple[str, ...] = ()
    """Primitives without a rule."""
    curves: tuple[Curves, ...] = ()
    is_alone: bool = False
    """Whether no curves can be had: every point has to be traced for itself."""

    def at(self, point: Point, validation: Point | None = None) -> Peak | None:
        """The peak at a point; None when neither it nor its curves are known.

        `validation` is the point of the validation set's batches, where it is another: heeded once there are curves.
        """
        found = largest(self.curves, point, validation)
        if found is None:
            return self.peak if point == self.peak.point else None
        curves, position, where = found
        low, middle, high = (round(position.bytes_at(where) * share) for share in curves.shares)
        parts = position.parts_at(where)
        parts[ACTIVATIONS] = max(0, parts.get(ACTIVATIONS, 0) + middle - sum(parts.values()))
        return Peak(point, low, middle, high, position.phase, parts)

    def after(self, before: "Traced | None") -> "Traced":
        """This with the curves that were known before, but for those whose points it tells itself."""
        kept = [each for each in before.curves if not any(own.covers(each) for own in self.curves)] if before else ()
        return replace(self, curves=(*self.curves, *kept)[:_MOST_CURVES])


def beginnings_of(backend: str) -> Beginnings:
    """The states in which a step may find the queue of a backend (`cpu`, `metal`, `cuda`)."""
    if backend == "cpu":
        return CPU_BEGINNINGS
    return (CUDA if backend == "cuda" else METAL,)


def estimate(
    job: Job,
    structure: str,
    tracer: Tracer,
    beginnings: Beginnings = CPU_BEGINNINGS,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[Traced]:
    """The peak at the job's point, at first for one beginning alone; for all; then with curves, while it `goes_on`.

    Raises Untraceable.
    """
    tapes = tracer.trace(job.request(job.point))
    phases = [_Phase.of(tape, job) for tape in tapes]
    yield _traced(structure, phases, _peaks(phases, beginnings[:1]), job.point)
    if not goes_on():
        return
    peaks = _peaks(phases, beginnings)
    found = _traced(structure, phases, peaks, job.point)
    yield found

    def trace(point: Point) -> Sequence[Tape]:
        if not goes_on():
            raise _GivenUp
        return tracer.trace(job.request(point))

    try:
        reached = reach(job.point, tapes, trace)
    except _GivenUp:
        return
    except (NotOneFamily, Untraceable):
        yield replace(found, is_alone=True)
        return
    begun = [beginnings[peak.beginning] for peak in peaks]
    yield replace(found, curves=(_curves(phases, reached, found.peak, begun),))


class _GivenUp(Exception):
    """Curves are not wanted any more."""


@dataclass(frozen=True)
class _Phase:
    """One tape, ready to be replayed."""

    tape: Tape
    program: Program
    holders: Holders

    @classmethod
    def of(cls, tape: Tape, job: Job) -> "_Phase":
        try:
            program = compile_program(tape)
        except ValueError as error:
            raise Untraceable(f"The step's checkpoints cannot be read: {error}.") from error
        full = job.config.get("fine_tune_type") == "full"
        return cls(tape, program, Holders(tape, program, job.widths, full=full))


def _peaks(phases: Sequence[_Phase], beginnings: Beginnings) -> list[PhasePeak]:
    """By phase; of a phase that cannot be the largest, for the first beginning alone."""

    def peak(phase: _Phase, beginnings: Beginnings) -> PhasePeak:
        return peak_of(phase.tape, phase.program, phase.tape.shapes, beginnings)

    found = [peak(phase, beginnings[:1]) for phase in phases]
    least = max(each.point for each in found) * _CLOSE
    return [
        peak(phase, beginnings) if first.point >= least and len(beginnings) > 1 else first
        for phase, first in zip(phases, found, strict=True)
    ]


def _traced(structure: str, phases: Sequence[_Phase], peaks: Sequence[PhasePeak], point: Point) -> Traced:
    at = max(range(len(peaks)), key=lambda each: peaks[each].point)
    largest, phase = peaks[at], phases[at]
    parts = phase.holders.sum_up(largest.timeline.held(largest.position), phase.tape.shapes, point.width - 1)
    found = Peak(
        point,
        max(peak.low for peak in peaks),
        largest.point,
        max(peak.high for peak in peaks),
        phase.tape.phase,
        dict(parts),
    )
    return Traced(structure, found, tuple(sorted({name for peak in peaks for name in peak.unknown})))


def _curves(phases: Sequence[_Phase], reached: Reach, peak: Peak, begun: Beginnings) -> Curves:
    base = peak.point
    points = corners(base)
    positions = [
        position
        for phase, of_phase, begin in zip(phases, reached.families, begun, strict=True)
        for position in _positions(phase, of_phase, points, begin)
    ]
    there = max(position.bytes_at(base) for position in positions)
    shares = (peak.low / there, peak.bytes / there, peak.high / there)
    return Curves(tuple(positions), base.batch == 1, reached.narrowest, reached.widest, shares)


def _positions(phase: _Phase, of_phase: Family, points: Sequence[Point], begin: Begin) -> list[Position]:
    shapes = [of_phase.shapes_at(point) for point in points]
    timelines = [replay(phase.program, each, phase.tape.itemsizes, begin()) for each in shapes]
    lives = [fit(points, values) for values in zip(*(timeline.live for timeline in timelines), strict=True)]
    found = []
    for at in ever_largest(lives, points[0].batch == 1):
        sums = [
            phase.holders.sum_up(timeline.held(at), each, point.width - 1)
            for timeline, each, point in zip(timelines, shapes, points, strict=True)
        ]
        names = {name: None for parts in sums for name in parts}
        holders = {name: fit(points, [parts.get(name, 0) for parts in sums]) for name in names}
        found.append(Position(phase.tape.phase, holders))
    return found
