"""Deleting a run's folder. Its adapter is the person's, stands elsewhere, and stays."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.runs.folder import RunError
from app.runs.listing import RunSummary, summarize
from app.wire.run_folder import RunFolder


@dataclass(frozen=True)
class RunFile:
    name: str
    """From the run's folder on."""
    size: int
    """Bytes."""


def files_of(run: RunFolder) -> list[RunFile]:
    """Everything that deleting the run takes away, by name; links are named, and not followed."""
    found = []
    for folder, folders, names in os.walk(run.path):
        for path in (Path(folder, name) for name in [*names, *folders]):
            if path.is_dir() and not path.is_symlink():
                continue
            with contextlib.suppress(OSError):
                found.append(RunFile(str(path.relative_to(run.path)), path.lstat().st_size))
    return sorted(found, key=lambda file: file.name)


def why_it_stays(run: RunSummary) -> str | None:
    """Why a run cannot be deleted now; None when it can."""
    if run.alive:
        return f"{run.id} still goes on: stop it first."
    if run.state == "queued":
        return f"{run.id} waits in the queue: take it out there."
    return None


def delete_run(run: RunFolder) -> None:
    """Takes the run's folder away. Raises RunError for a run that goes on, and for a folder that stays.

    It is renamed first, out of sight of every list: half a run never stands there under its name.
    """
    if run.path.is_symlink() or not run.manifest.exists():
        raise RunError(f"{run.path} is not a run's own folder, so nothing of it was deleted.")
    if obstacle := why_it_stays(summarize(run)):
        raise RunError(obstacle)
    doomed = run.path.with_name(f".{run.id}.deleted")
    try:
        run.path.rename(doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        left = doomed if doomed.exists() else run.path
        raise RunError(f"{left} could not be deleted whole: {error.strerror}. What is left is there.") from error
