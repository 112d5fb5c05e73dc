"""A new run's folder: its place, its name, and what is written into it before anything starts."""

import datetime
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs

from app.runs.inputs import inputs_of
from app.wire.files import write_json, write_whole
from app.wire.run_folder import RunFolder
from app.wire.run_options import PARITY, RunOptions, differences


class RunError(Exception):
    """A run cannot be made, found or started; its text is one sentence for a person."""


def runs_directory(chosen: str | Path | None = None) -> Path:
    """Where runs are kept: what was asked for, else `TUNEDECK_RUNS_DIR`, else the user's data folder."""
    named = chosen or os.environ.get("TUNEDECK_RUNS_DIR")
    if named:
        return Path(named).expanduser().absolute()
    return Path(platformdirs.user_data_dir("tunedeck", appauthor=False)) / "runs"


def create_run(
    runs_dir: Path,
    config: Mapping[str, Any],
    yaml: bytes,
    source: Path | None,
    start_directory: Path,
    overwrite: bool = False,
    expected_peak: int | None = None,
    options: RunOptions = PARITY,
) -> RunFolder:
    """Make a run's folder, ready for `launch`.

    `config` is the native mapping that trains, `yaml` the file as it was and `source` where it came from.
    Relative paths in both are meant from `start_directory`. `overwrite` allows an adapter that stands at
    `adapter_path` to be replaced. `expected_peak` is the upper bound of MLX's peak in bytes. Raises RunError.
    """
    try:
        run = _new_folder(runs_dir, _subject(config))
        write_whole(run.config, yaml)
        write_json(run.resolved, dict(config))
        write_json(run.manifest, _manifest(run, config, source, start_directory, overwrite, expected_peak, options))
    except OSError as error:
        raise RunError(
            f"{error.filename or runs_dir}: the run's folder cannot be written: {error.strerror}."
        ) from error
    return run


def manifest(run: RunFolder) -> dict[str, Any]:
    """What `run.json` says. Raises RunError when it cannot be read."""
    try:
        found = json.loads(run.manifest.read_bytes())
        if isinstance(found, dict):
            return found
    except (OSError, ValueError):
        pass
    raise RunError(f"{run.manifest}: this is missing or damaged, so {run.path} is not a run that can be started.")


def file_of(run: RunFolder) -> Path | None:
    """The file that a run was started from, else the copy that it keeps; None when neither is there."""
    try:
        source = manifest(run).get("source")
    except RunError:
        source = None
    candidates = [*([Path(source)] if source else []), run.config]
    return next((path for path in candidates if path.is_file()), None)


def _manifest(
    run: RunFolder,
    config: Mapping[str, Any],
    source: Path | None,
    start_directory: Path,
    overwrite: bool,
    expected_peak: int | None,
    options: RunOptions,
) -> dict[str, Any]:
    from app.machine.describe import machine_facts, versions  # slow to import, and only a new run needs it

    return {
        "id": run.id,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "start_directory": str(start_directory),
        "source": str(source) if source else None,
        "adapter_path": str(start_directory / str(config.get("adapter_path", ""))),
        "trains": bool(config.get("train")),
        "overwrite": overwrite,
        "expected_peak": expected_peak,
        "options": asdict(options),
        "differs_from_mlx_lm": list(differences(options)),
        "inputs": inputs_of(config, start_directory),
        "versions": versions(),
        "machine": machine_facts(),
    }


def _subject(config: Mapping[str, Any]) -> str:
    """What the run's name speaks of: the adapter's folder, or the model where that says nothing."""
    adapter = Path(str(config.get("adapter_path") or "")).name
    subject = adapter if adapter not in ("", "adapters", "..") else Path(str(config.get("model") or "run")).name
    return re.sub(r"[^A-Za-z0-9._]+", "-", subject).strip("-.")[:40] or "run"


def _new_folder(runs_dir: Path, subject: str) -> RunFolder:
    """An empty folder that is surely ours: making it is the test whether its name is free."""
    runs_dir.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.datetime.now():%Y%m%d-%H%M}-{subject}"
    for number in range(1, 10_000):
        path = runs_dir / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return RunFolder(path)
    raise RunError(f"{runs_dir}: there are 10,000 runs named {name} already.")
