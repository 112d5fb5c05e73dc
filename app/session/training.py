"""From a configuration to a running trainer, the same for a screen and for a plain line."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from app.config.config import Config, native
from app.runs.folder import RunError, create_run
from app.runs.launch import launch
from app.wire.run_folder import RunFolder
from app.wire.run_options import PARITY, RunOptions


def begin(
    config: Config,
    text: str,
    source: Path | None,
    start: Path,
    runs_dir: Path,
    overwrite: bool = False,
    environment: Mapping[str, str] | None = None,
    expected_peak: int | None = None,
    options: RunOptions = PARITY,
) -> RunFolder:
    """Makes the run's folder and starts its trainer. Raises RunError, and then leaves no empty run behind.

    `text` is the YAML that says what `config` says, kept with the run; `start` is where relative paths begin;
    `expected_peak` is the upper bound of MLX's peak in bytes, where it was estimated.
    """
    run = create_run(runs_dir, native(config), text.encode(), source, start, overwrite, expected_peak, options)
    try:
        launch(run, environment)
    except RunError:
        if not run.log.exists():
            shutil.rmtree(run.path, ignore_errors=True)
        raise
    return run
