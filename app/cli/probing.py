"""A probe without a screen: some real steps, on the line for progress, given up with Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from app.cli.sizes import size_words
from app.cli.status_line import say
from app.cli.weighing import Weighing
from app.config.config import native
from app.memory.family import Point
from app.memory.job import Job
from app.memory.probe import Cancelled, DiedOfMemory, ProbeResult, probe
from app.session.fitting import calibrate
from app.wire.probe import Measured, Problem, Progress


@dataclass(frozen=True)
class Probed:
    words: str
    died: bool = False
    figures: dict[str, Any] = field(default_factory=dict)
    """What was measured; empty when nothing was."""


def probe_here(weighing: Weighing) -> Probed | None:
    """Measures, and corrects the estimates by it from now on; None for what cannot be traced. Raises Untraceable."""
    job = weighing.job
    if job is None:
        return None
    with _given_up_by_interrupt() as given_up:
        width = None if weighing.lengths else job.point.width
        result = probe(native(weighing.config), Path.cwd(), _tell, given_up.is_set, width)
    say("")
    _keep(weighing, job, result)
    return _told(result)


@contextmanager
def _given_up_by_interrupt() -> Iterator[Event]:
    given_up = Event()
    before = signal.signal(signal.SIGINT, lambda *_: given_up.set())
    try:
        yield given_up
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(progress: Progress) -> None:
    count = f" {progress.done} of {progress.total}" if progress.total else ""
    say(f"probe: {progress.phase}{count} …")


def _keep(weighing: Weighing, job: Job, result: ProbeResult) -> None:
    """Against what was predicted, without a correction, for the batch that was really met."""
    if isinstance(result, Measured):
        job = replace(job, point=Point(result.batch, result.width))
        measured = result.peak_bytes
    elif isinstance(result, DiedOfMemory) and result.reached_bytes:
        measured = result.reached_bytes
    else:
        return
    estimates = weighing.estimates
    weighing.asking.estimate(job)
    predicted = estimates.uncorrected(job)
    if predicted is not None:
        estimates.calibration = calibrate(job, predicted, measured, died=isinstance(result, DiedOfMemory))


def _told(result: ProbeResult) -> Probed:
    match result:
        case Measured():
            rows = f"; {result.made_up}" if result.made_up else ""
            words = (
                f"{size_words(result.peak_bytes)} measured at {result.batch} x {result.width} tokens,"
                f" {result.seconds_per_update:.2g} s an update{rows}"
            )
            return Probed(words, figures=asdict(result))
        case DiedOfMemory():
            reached = f" at {size_words(result.reached_bytes)}" if result.reached_bytes else ""
            return Probed(f"it died of memory{reached}: {result.words}", died=True, figures=asdict(result))
        case Cancelled():
            return Probed("it was given up")
        case Problem():
            return Probed(result.sentence)
