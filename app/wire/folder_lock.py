"""One writer for a folder: a lock that the kernel drops when its holder dies."""

import errno
import fcntl
import os
import time
from pathlib import Path

_BUSY = (errno.EWOULDBLOCK, errno.EACCES)
_PATIENCE = 0.5
"""Seconds that a writer waits before it believes the folder busy: `is_busy` holds it for an instant."""


class FolderBusy(Exception):
    """Another process holds the folder."""


def lock_folder(folder: Path, patience: float = _PATIENCE) -> int | None:
    """Hold an existing folder, whichever name or symlink leads to it, until the descriptor is closed.

    Waits `patience` seconds for another holder. Returns the descriptor, or None on a file system that knows no locks.
    Raises FolderBusy, OSError.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return _try_lock(folder, fcntl.LOCK_EX)
        except FolderBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def is_busy(folder: Path) -> bool:
    """Whether another process holds the folder now. A missing folder is not busy.

    Asked with a shared lock, so that two who ask at once do not take each other for its holder.
    """
    try:
        descriptor = _try_lock(folder, fcntl.LOCK_SH)
    except FolderBusy:
        return True
    except OSError:
        return False
    if descriptor is not None:
        os.close(descriptor)
    return False


def _try_lock(folder: Path, kind: int) -> int | None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _BUSY:
            raise FolderBusy(str(folder)) from None
        return None
    return descriptor
