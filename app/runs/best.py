"""Make the adapter with the lowest validation loss the one in the adapter folder."""

import os
import shutil
from pathlib import Path

from app.runs.adapter import busy_adapter
from app.runs.folder import RunError, manifest
from app.runs.listing import summarize
from app.wire.files import publish
from app.wire.folder_lock import FolderBusy, lock_folder
from app.wire.run_folder import RunFolder

_WEIGHTS, _CONFIG = "adapters.safetensors", "adapter_config.json"


def best_adapter(run: RunFolder) -> Path | None:
    """The folder of the best adapter, named by its iteration; None when none is kept."""
    return max((path for path in run.best.glob("[0-9]*") if (path / _WEIGHTS).exists()), default=None)


def use_best(run: RunFolder) -> tuple[int, Path]:
    """Copy the best adapter over the final one; its iteration, and where the final one is kept.

    The final one stays as a numbered checkpoint of its iteration. Raises RunError.
    """
    best, folder = best_adapter(run), Path(manifest(run)["adapter_path"])
    if best is None:
        raise RunError(f"{run.id} has kept no best adapter: it has not validated after its first iteration.")
    if problem := busy_adapter(folder):
        raise RunError(problem)
    kept = folder / f"{summarize(run).iteration:07d}_{_WEIGHTS}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = lock_folder(folder)
        try:
            if (folder / _WEIGHTS).exists() and not kept.exists():
                os.link(folder / _WEIGHTS, kept)
            for name in (_CONFIG, _WEIGHTS):
                staged = folder / f".tunedeck-{name}"
                shutil.copyfile(best / name, staged)
                publish(staged, folder / name)
        finally:
            if lock is not None:
                os.close(lock)
    except FolderBusy:
        raise RunError(f"{folder} is being written by another run: wait for it, or stop it.") from None
    except OSError as error:
        raise RunError(f"{error.filename or folder}: the adapter cannot be written: {error.strerror}.") from error
    return int(best.name), kept
