"""What the app keeps between starts: small JSON files in one folder, each whole or not there.

Nothing here is worth an error: what cannot be read counts as empty, what cannot be written is not kept.
"""

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.wire.files import read_json, write_whole
from app.wire.folder_lock import FolderBusy, lock_folder

State = dict[str, Any]


def state_folder() -> Path:
    """The folder of the files, which need not be there yet."""
    from platformdirs import user_state_dir  # 6 ms that only the start needs

    return Path(user_state_dir("tunedeck", appauthor=False))


def read_state(path: Path) -> State:
    """The object in a file; empty when it is missing, damaged or something else."""
    try:
        return read_json(path) or {}
    except RecursionError:  # absurd nesting
        return {}


def update_state(path: Path, change: Callable[[State], State]) -> None:
    """Put `change` of what the file holds in its place; two apps that do so at once take turns."""
    lock = None
    with contextlib.suppress(OSError, FolderBusy, RecursionError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = lock_folder(path.parent)
            # ASCII, because a path may hold bytes that are no text and have no UTF-8.
            write_whole(path, (json.dumps(change(read_state(path)), indent=2) + "\n").encode("ascii"))
        finally:
            if lock is not None:
                os.close(lock)
