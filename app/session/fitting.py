"""Changes that fit this computer's memory, and one measured step: both take seconds, in a thread."""

import time
from collections.abc import Callable
from pathlib import Path

from app.config.config import Config, native
from app.memory.calibration import Calibration, Measurement, keep, read_calibration
from app.memory.environment import environment
from app.memory.estimate import Estimate
from app.memory.estimates import Estimates
from app.memory.fitting import Proposal, Training, cheapest, judge, use_what_is_left
from app.memory.fitting_asking import Asking
from app.memory.job import Job
from app.memory.probe import ProbeResult, Progress, probe
from app.memory.trace_store import trace_folder
from app.memory.tracing import Tracer
from app.session.facts import job_for
from app.session.snapshot import Snapshot
from app.session.state_file import state_folder

Say = Callable[[str], None]
Cancelled = Callable[[], bool]


class GivenUp(Exception):
    """The person has cancelled."""


def proposals(snapshot: Snapshot, say: Say, cancelled: Cancelled) -> tuple[Proposal, ...]:
    """What makes the training green, or what a green one has room for. Raises Untraceable and GivenUp."""
    learned, machine = snapshot.model, snapshot.machine
    if learned is None or machine is None or learned.job is None:
        return ()
    estimates = Estimates(environment(), read_calibration(state_folder()), trace_folder())
    tracer = Tracer()
    asking = Asking(estimates, tracer, lambda job: say(f"tracing {job.point.batch} x {job.point.width} tokens …"))

    def ask(config: Config) -> Estimate | None:
        if cancelled():
            raise GivenUp
        job = job_for(config, learned, snapshot.lengths)
        return asking.estimate(job) if job is not None else None

    depth = learned.facts.layers if learned.facts else None
    lengths = snapshot.lengths if not isinstance(snapshot.lengths, str) else None
    training = Training(snapshot.config, ask, judge(machine), lengths, depth)
    try:
        return cheapest(training) or use_what_is_left(training)
    finally:
        tracer.close()


def measure(snapshot: Snapshot, start: Path, say: Say, cancelled: Cancelled) -> ProbeResult:
    """A few real iterations on the widest batch."""

    def heard(progress: Progress) -> None:
        count = f" {progress.done} of {progress.total}" if progress.total else ""
        say(f"{progress.phase}{count} …")

    job = snapshot.memory.job
    return probe(native(snapshot.config), start, heard, cancelled, job.point.width if job else None)


def calibrate(job: Job, predicted: int, measured: int, *, died: bool = False) -> Calibration:
    """Keeps `measured` against `predicted` bytes of a job; all that was measured on this machine. Writes the disk.

    Of a probe that `died` of memory, what was measured is what it had reached.
    """
    here, point = environment(), job.point
    told = (job.structure(str(here)), predicted, measured, point.batch, point.width, time.time(), died)
    return keep(state_folder(), Measurement(here.backend, here.predictor, *told))
