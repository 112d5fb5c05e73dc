"""Ask a run to end: stopped or paused, both saved, or at once and not saved."""

import contextlib
import os
import signal

from app.runs.folder import RunError
from app.runs.queue import is_queued
from app.runs.recorded import recorded_trainer
from app.wire.files import write_whole
from app.wire.process import is_alive
from app.wire.run_folder import RunFolder

STOP, PAUSE, _KILL = "stop", "pause", "kill"


def request_stop(run: RunFolder, kind: str = STOP) -> bool:
    """Ask the trainer to save and end at its next micro-batch; returns at once.

    `kind` is STOP or PAUSE: the same to the trainer, but a paused run is one that is to be resumed. False when the run
    is over. The request is also a file, for a trainer that is too young to take a signal. Raises OSError when the
    folder cannot be written, RunError for a run that is queued.
    """
    return _end(run, kind, signal.SIGTERM)


def end_at_once(run: RunFolder) -> bool:
    """Kill the trainer, which loses what it trained since its last checkpoint. Otherwise as `request_stop`."""
    return _end(run, _KILL, signal.SIGKILL)


def was_ended_at_once(run: RunFolder) -> bool:
    try:
        return run.stop.read_text() == _KILL
    except (OSError, ValueError):
        return False


def _end(run: RunFolder, kind: str, number: signal.Signals) -> bool:
    trainer = recorded_trainer(run)
    if trainer is None and is_queued(run):
        raise RunError(f"{run.id} is queued and has not begun; `tunedeck queue remove {run.id}` takes it out.")
    if run.exit.exists() or (trainer and not is_alive(*trainer)):
        return False
    write_whole(run.stop, kind.encode())
    if trainer is None:
        return True
    with contextlib.suppress(ProcessLookupError):
        os.kill(trainer[0], number)
    return True
