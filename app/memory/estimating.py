"""From a job to its peak: first of the very point that is asked for, then of all batches and widths."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.memory.curves import VALIDATE, Curves, Position, corners, ever_largest, fit, largest
from app.memory.family import Family, NotOneFamily, Point
from app.memory.holders import ACTIVATIONS, WEIGHTS, Holders
from app.memory.job import Job
from app.memory.reach import Reach, reach
from app.memory.simulator.peak import CPU, CUDA, METAL, Begin, Queue, peak_of
from app.memory.simulator.peak import Peak as PhasePeak
from app.memory.simulator.program import Program, compile_program
from app.memory.simulator.replaying import replay
from app.memory.tracing import Tracer, Untraceable
from app.wire.tape import Tape

_CLOSE = 0.5
"""Of the largest phase's peak: another state of the queue makes no smaller one the largest."""
_FIRST = 1.04
"""How much higher than the first state's another's peak may be: up to 3.9 % are known (simulator/peak.py)."""
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
    validated: Point | None = None
    """Where `peak` is of batches that validate at another, wider point too."""
    curves: tuple[Curves, ...] = ()
    is_alone: bool = False
    """Whether no curves can be had: every point has to be traced for itself."""

    def at(self, point: Point, validation: Point | None = None) -> Peak | None:
        """The peak at a point; None when neither it nor its curves are known.

        `validation` is the point of the validation set's batches, where it is another.
        """
        found = largest(self.curves, point, validation)
        if found is None:
            is_wider = validation is not None and validation.width > point.width
            return self.peak if (point, validation if is_wider else None) == (self.peak.point, self.validated) else None
        curves, position, where = found
        parts = position.parts_at(where)
        weights = parts.get(WEIGHTS, 0)
        rest = position.bytes_at(where) - weights
        low, middle, high = (weights + round(rest * share) for share in curves.shares)
        parts[ACTIVATIONS] = max(0, parts.get(ACTIVATIONS, 0) + middle - sum(parts.values()))
        return Peak(point, low, middle, high, position.phase, parts)

    def after(self, before: "Traced | None") -> "Traced":
        """This with the curves that were known before, but for those whose points it tells itself."""
        kept = [each for each in before.curves if not any(own.covers(each) for own in self.curves)] if before else ()
        return replace(self, curves=(*self.curves, *kept)[:_MOST_CURVES])


def queue_of(backend: str) -> Queue:
    """The states in which a step may find the queue of a backend (`cpu`, `metal`, `cuda`)."""
    return {"cpu": CPU, "cuda": CUDA}.get(backend, METAL)


def estimate(
    job: Job,
    structure: str,
    tracer: Tracer,
    queue: Queue = CPU,
    goes_on: Callable[[], bool] = lambda: True,
    *,
    with_curves: bool = True,
) -> Iterator[Traced]:
    """The peak at the job's point, at first for one likely state of the queue; while it `goes_on` for all, with curves.

    Raises Untraceable.
    """
    tapes = tracer.trace(job.request(job.point))
    own = [_Phase.of(tape, job, job.point) for tape in tapes]
    phases = [*own, *_wider_validation(job, tracer)]
    peaks = _peaks(phases, replace(queue, likely=queue.likely[:1]))
    found = _traced(structure, phases, peaks, job)
    if len(queue.likely) > 1:
        yield replace(found, peak=replace(found.peak, high=round(found.peak.high * _FIRST)))
        if not goes_on():
            return
        peaks = _peaks(phases, queue)
        found = _traced(structure, phases, peaks, job)
    yield found
    if not with_curves:
        return

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
    peaks = peaks[: len(own)]
    begun = [queue.likely[peak.beginning] for peak in peaks]
    yield replace(found, curves=(_curves(own, reached, _largest(own, peaks, job.point), begun),))


class _GivenUp(Exception):
    """Curves are not wanted any more."""


@dataclass(frozen=True)
class _Phase:
    """One tape, ready to be replayed at the point where it was traced."""

    tape: Tape
    point: Point
    program: Program
    holders: Holders

    @classmethod
    def of(cls, tape: Tape, job: Job, point: Point) -> "_Phase":
        try:
            program = compile_program(tape)
        except ValueError as error:
            raise Untraceable(f"The step's checkpoints cannot be read: {error}.") from error
        full = job.config.get("fine_tune_type") == "full"
        return cls(tape, point, program, Holders(tape, program, job.widths, full=full))


def _wider_validation(job: Job, tracer: Tracer) -> list[_Phase]:
    """Validating rows that are longer than those that train is another graph, until curves tell of it."""
    point = job.wider_validation
    tapes = tracer.trace(job.request(point)) if point else ()
    return [_Phase.of(tape, job, point) for tape in tapes if point and tape.phase == VALIDATE]


def _peaks(phases: Sequence[_Phase], queue: Queue) -> list[PhasePeak]:
    """By phase; of a phase that cannot be the largest, for the first state of the queue alone."""

    def peak(phase: _Phase, queue: Queue) -> PhasePeak:
        return peak_of(phase.tape, phase.program, phase.tape.shapes, queue)

    one = Queue(queue.likely[:1])
    found = [peak(phase, one) for phase in phases]
    least = max(each.point for each in found) * _CLOSE
    return [
        peak(phase, queue) if first.point >= least and queue != one else first
        for phase, first in zip(phases, found, strict=True)
    ]


def _traced(structure: str, phases: Sequence[_Phase], peaks: Sequence[PhasePeak], job: Job) -> Traced:
    unknown = tuple(sorted({name for peak in peaks for name in peak.unknown}))
    return Traced(structure, _largest(phases, peaks, job.point), unknown, job.wider_validation)


def _largest(phases: Sequence[_Phase], peaks: Sequence[PhasePeak], point: Point) -> Peak:
    phase, peak = max(zip(phases, peaks, strict=True), key=lambda each: each[1].point)
    parts = phase.holders.sum_up(peak.timeline.held(peak.position), phase.tape.shapes, phase.point.width - 1)
    low, high = max(each.low for each in peaks), max(each.high for each in peaks)
    return Peak(point, low, peak.point, high, phase.tape.phase, dict(parts))


def _curves(phases: Sequence[_Phase], reached: Reach, peak: Peak, begun: Sequence[Begin]) -> Curves:
    base = peak.point
    points = corners(base)
    positions = [
        position
        for phase, of_phase, begin in zip(phases, reached.families, begun, strict=True)
        for position in _positions(phase, of_phase, points, begin)
    ]
    there = max(positions, key=lambda position: position.bytes_at(base))
    weights = there.parts_at(base).get(WEIGHTS, 0)
    rest = max(1, there.bytes_at(base) - weights)
    low, middle, high = ((bytes - weights) / rest for bytes in (peak.low, peak.bytes, peak.high))
    shares = (low, middle, high)
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
