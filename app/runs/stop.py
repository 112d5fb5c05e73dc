"""Ask a run to stop and save."""

import contextlib
import os
import signal

from app.runs.folder import RunError
from app.runs.queue import is_queued
from app.runs.recorded import recorded_trainer
from app.wire.files import write_whole
from app.wire.process import is_alive
from app.wire.run_folder import RunFolder


def request_stop(run: RunFolder) -> bool:
    """Ask the trainer to save and end at its next micro-batch; returns at once.

    False when the run is over. The request is also a file, for a trainer that is too young to take a signal.
    Raises OSError when the folder cannot be written, RunError for a run that is queued.
    """
    trainer = recorded_trainer(run)
    if trainer is None and is_queued(run):
        raise RunError(f"{run.id} is queued and has not begun; `tunedeck queue remove {run.id}` takes it out.")
    if run.exit.exists() or (trainer and not is_alive(*trainer)):
        return False
    write_whole(run.stop, b"")
    if trainer is None:
        return True
    with contextlib.suppress(ProcessLookupError):
        os.kill(trainer[0], signal.SIGTERM)
    return True
