"""From a configuration to a run that waits its turn, the same for a screen and for a plain line."""

import shutil
from pathlib import Path

from app.config.config import Config, native
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError, create_run
from app.runs.queue import is_queued
from app.runs.queued import add, claimed_adapter
from app.wire.run_folder import RunFolder
from app.wire.run_options import PARITY, RunOptions


def enqueue(
    config: Config,
    text: str,
    source: Path | None,
    start: Path,
    runs_dir: Path,
    overwrite: bool = False,
    expected_peak: int | None = None,
    options: RunOptions = PARITY,
) -> RunFolder:
    """Makes the run's folder, with everything as it is now, and puts it at the queue's end. The arguments are those of
    `begin`. Raises RunError, and then leaves no run behind that is neither queued nor begun.
    """
    run = create_run(runs_dir, native(config), text.encode(), source, start, overwrite, expected_peak, options)
    try:
        add(run)
    except RunError:
        if not is_queued(run) and not run.log.exists():
            shutil.rmtree(run.path, ignore_errors=True)
        raise
    return run


def standing_by_then(runs_dir: Path, adapter: Path) -> str | None:
    """A sentence on the adapter that a run queued now would replace: one that stands there, or will when its turn
    comes; None when there is none."""
    return existing_adapter(adapter) or claimed_adapter(runs_dir, adapter)
