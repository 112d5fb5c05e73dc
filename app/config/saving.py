"""From a configuration to a file on disk: the new text, what it changes, and an atomic write."""

import contextlib
import difflib
import os
import secrets
import stat
from pathlib import Path

from app.config.document import Document, fingerprint, read
from app.config.edits import CannotEdit
from app.config.render import render, rewritten

__all__ = ["CannotEdit", "ChangedOnDisk", "SaveError", "difference", "render", "rewritten", "save"]


class SaveError(Exception):
    """The file could not be written and is as it was; one sentence."""


class ChangedOnDisk(SaveError):
    """The file is not the one that was opened any more."""


def difference(document: Document, text: str) -> list[str]:
    """What `text` changes, as the lines of a unified diff; empty when nothing."""
    name = document.path.name if document.path else "new file"
    old, new = document.text.splitlines(), text.splitlines()
    return list(difflib.unified_diff(old, new, name, name, lineterm=""))


def save(path: Path, text: str, expected_fingerprint: str | None) -> Document:
    """Writes `text` and reads it back. Permission bits and symbolic links stay as they are.

    With a fingerprint the file must still hold what was opened, else ChangedOnDisk. Raises SaveError.
    """
    target = _writable(path)
    staged = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write(staged, text.encode(), target)
        if expected_fingerprint is not None and fingerprint(target) != expected_fingerprint:
            raise ChangedOnDisk(f"{path}: The file has changed on disk since it was opened.")
        staged.replace(target)
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SaveError(f"{path}: The file could not be saved, nothing was changed: {reason}.") from error
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
    _sync_folder(target.parent)
    return read(path)


def _writable(path: Path) -> Path:
    """The file behind symbolic links, known to be one that its owner lets us replace."""
    try:
        target = path.resolve()
        mode = target.stat().st_mode if target.exists() else None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links before Python 3.13
        raise SaveError(f"{path}: This path cannot be used: {error}.") from error
    if mode is not None and not stat.S_ISREG(mode):
        raise SaveError(f"{path}: This is not a regular file; choose another name.")
    # Renaming needs no right to the file itself, and root may do anything: the bits state the owner's wish.
    if mode is not None and not (mode & 0o222 and os.access(target, os.W_OK)):
        raise SaveError(f"{path}: The file is read-only; allow writing (chmod u+w) or save under another name.")
    if not target.parent.is_dir():
        raise SaveError(f"{path}: There is no folder {target.parent}; create it or choose another place.")
    if not os.access(target.parent, os.W_OK):
        raise SaveError(f"{path}: The folder is read-only; save in another place.")
    return target


def _write(staged: Path, content: bytes, target: Path) -> None:
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if target.exists():
            _take_over(descriptor, target.stat())
        os.fsync(descriptor)


def _take_over(descriptor: int, original: os.stat_result) -> None:
    if (original.st_uid, original.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, original.st_uid, original.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(original.st_mode))


def _sync_folder(folder: Path) -> None:
    """Makes the new name durable, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
