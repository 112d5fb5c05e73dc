"""Make the adapter with the lowest validation loss the one in the adapter folder."""

import filecmp
import os
import shutil
import time
from pathlib import Path

from app.runs.adapter import busy_adapter
from app.runs.afterwards import tell_afterwards
from app.runs.folder import RunError, manifest
from app.runs.follow import line_start
from app.runs.listing import summarize
from app.wire.events import Checkpoint, Event, decode
from app.wire.files import publish, read_json
from app.wire.folder_lock import FolderBusy, lock_folder
from app.wire.run_folder import RunFolder

_WEIGHTS, _CONFIG = "adapters.safetensors", "adapter_config.json"


def best_adapter(run: RunFolder) -> Path | None:
    """The folder of the best adapter, named by its iteration; None when none is kept."""
    return max((path for path in run.best.glob("[0-9]*") if (path / _WEIGHTS).exists()), default=None)


def use_best(run: RunFolder) -> tuple[int, Path]:
    """Copy the best adapter over the final one; its iteration, and where the final one is kept.

    The final one stays as a numbered checkpoint of its iteration. The run's events tell both as they do checkpoints.
    Raises RunError, too when the best one is in place already.
    """
    best, folder = best_adapter(run), Path(manifest(run)["adapter_path"])
    if best is None:
        raise RunError(f"{run.id} has kept no best adapter: it has not validated after its first iteration.")
    if problem := busy_adapter(folder):
        raise RunError(problem)
    final, told = folder / _WEIGHTS, list[Event]()
    try:
        if final.exists() and filecmp.cmp(best / _WEIGHTS, final, shallow=False):
            raise RunError(f"{final} is the best adapter already, that of iteration {int(best.name)}.")
        last = _saved_last(run)
        kept = folder / f"{last:07d}_{_WEIGHTS}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = lock_folder(folder)
        try:
            if final.exists() and not kept.exists():
                os.link(final, kept)
                told.append(Checkpoint(time.time(), last, str(_as_told(run, folder) / kept.name)))
            for name in (_CONFIG, _WEIGHTS):
                staged = folder / f".tunedeck-{name}"
                shutil.copyfile(best / name, staged)
                publish(staged, folder / name)
            told.append(Checkpoint(time.time(), int(best.name), str(_as_told(run, folder) / _WEIGHTS)))
            tell_afterwards(run, *told)
        finally:
            if lock is not None:
                os.close(lock)
    except FolderBusy:
        raise RunError(f"{folder} is being written by another run: wait for it, or stop it.") from None
    except OSError as error:
        raise RunError(f"{error.filename or folder}: the adapter cannot be written: {error.strerror}.") from error
    return int(best.name), kept


def _saved_last(run: RunFolder) -> int:
    """The iteration that the final adapter is of; where none was told, the last one that was trained."""
    with run.events.open("rb") as file:
        told = [line for line in file if line.startswith(line_start("checkpoint"))]
    event = decode(told[-1]) if told else None
    return event.iteration if isinstance(event, Checkpoint) else summarize(run).iteration


def _as_told(run: RunFolder, folder: Path) -> Path:
    """The adapter folder by the name that the trainer has for it, so that one file is told by one path."""
    return Path(str((read_json(run.resolved) or {}).get("adapter_path") or folder))
