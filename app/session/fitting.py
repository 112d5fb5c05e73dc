"""Changes that fit this computer's memory, and one measured step: both take seconds, in a thread."""

import time
from collections.abc import Callable
from pathlib import Path

from app.config.config import Config, native
from app.data.lengths import Lengths
from app.memory.calibration import Calibration, Measurement, keep, read_calibration
from app.memory.environment import environment
from app.memory.estimate import Estimate
from app.memory.estimates import Estimates
from app.memory.fitting import Proposal, Training, cheapest, judge, use_what_is_left
from app.memory.fitting_asking import Asking
from app.memory.job import Job, in_four_bits, rows_bytes
from app.memory.probe import ProbeResult, Progress, probe
from app.memory.trace_store import trace_folder
from app.memory.tracing import Tracer, Untraceable
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

    def estimate(job: Job | None) -> Estimate | None:
        if cancelled():
            raise GivenUp
        return asking.estimate(job) if job is not None else None

    def ask(config: Config, change: Callable[[Job], Job | None] = lambda job: job) -> Estimate | None:
        job = job_for(config, learned, snapshot.lengths)
        try:
            return estimate(change(job) if job is not None else None)
        except Untraceable:  # one way less, of several
            return None

    depth = learned.facts.layers if learned.facts else None
    lengths = snapshot.lengths if isinstance(snapshot.lengths, Lengths) else None
    level = judge(machine, rows_bytes(lengths))
    training = Training(snapshot.config, ask, level, lengths, depth, lambda config: ask(config, in_four_bits))
    try:
        estimate(job_for(snapshot.config, learned, snapshot.lengths))
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
