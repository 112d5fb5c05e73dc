"""From a job to its peak: first of the very point that is asked for, then of all batches and widths."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.memory.curves import Curves, Position, corners, ever_largest, fit
from app.memory.family import Family, NotOneFamily, Point, family
from app.memory.holders import Holders, Widths
from app.memory.job import Job
from app.memory.simulator.evaluation import replay
from app.memory.simulator.peak import CPU_BEGINNINGS, peak_of
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
    """What was learned of a structure. `curves` come after the peak, and may never come."""

    structure: str
    peak: Peak
    unknown: tuple[str, ...] = ()
    """Primitives without a rule."""
    curves: Curves | None = None

    def at(self, point: Point, validation: Point | None = None) -> Peak | None:
        """The peak at a point; None when neither it nor its curves are known.

        `validation` is the point of the validation set's batches, where it is another: heeded once there are curves.
        """
        curves = self.curves if self.curves and self.curves.serves(point.batch) else None
        if curves is None:
            return self.peak if point == self.peak.point else None
        position, where = curves.largest_at(point, validation)
        if point == where == self.peak.point:
            return self.peak
        known = self.peak.point
        base = curves.largest_at(known)[0].bytes_at(known)
        bytes = position.bytes_at(where)
        low, middle, high = (round(bytes * each / base) for each in (self.peak.low, self.peak.bytes, self.peak.high))
        return Peak(point, low, middle, high, position.phase, position.parts_at(where))


def beginnings_of(backend: str) -> Beginnings:
    """The states in which a step may find the queue of a backend (`cpu`, `metal`, `cuda`)."""
    if backend == "cpu":
        return CPU_BEGINNINGS
    return (CUDA if backend == "cuda" else METAL,)


def estimate(job: Job, structure: str, tracer: Tracer, beginnings: Beginnings = CPU_BEGINNINGS) -> Iterator[Traced]:
    """The peak at the job's point, within a second or two; then the same with curves. Raises Untraceable."""
    tapes = tracer.trace(job.request(job.point))
    steps = [_Phase.of(tape, job.widths) for tape in tapes]
    first = _traced(structure, steps, job.point, beginnings)
    yield first
    try:
        families = _families(job, tapes, tracer)
    except (NotOneFamily, Untraceable):
        return  # another width is another graph: every point is traced for itself
    yield replace(first, curves=_curves(steps, families, job.point, beginnings[0]))


@dataclass(frozen=True)
class _Phase:
    """One tape, ready to be replayed."""

    tape: Tape
    program: Program
    holders: Holders

    @classmethod
    def of(cls, tape: Tape, widths: Widths) -> "_Phase":
        try:
            program = compile_program(tape)
        except ValueError as error:
            raise Untraceable(f"The step's checkpoints cannot be read: {error}.") from error
        return cls(tape, program, Holders(tape, program, widths))


def _traced(structure: str, phases: Sequence[_Phase], point: Point, beginnings: Beginnings) -> Traced:
    peaks = [peak_of(phase.tape, phase.program, phase.tape.shapes, beginnings) for phase in phases]
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


def _families(job: Job, tapes: Sequence[Tape], tracer: Tracer) -> list[Family]:
    base = job.point
    wider = Point(base.batch, base.width * 2 - 1)
    more = Point(base.batch + 1, base.width) if base.batch > 1 else None
    with_width = tracer.trace(job.request(wider))
    with_batch = tracer.trace(job.request(more)) if more else ()
    return [
        family((base, tape), (wider, with_width[at]), (more, with_batch[at]) if more else None)
        for at, tape in enumerate(tapes)
    ]


def _curves(phases: Sequence[_Phase], families: Sequence[Family], base: Point, begin: Begin) -> Curves:
    points = corners(base)
    found = [
        position
        for phase, of_phase in zip(phases, families, strict=True)
        for position in _positions(phase, of_phase, points, begin)
    ]
    return Curves(tuple(found), base.batch == 1)


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
