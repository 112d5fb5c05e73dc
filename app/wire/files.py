"""Files that are either whole or not there."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any


def publish(staged: Path, target: Path) -> None:
    """Rename a finished file over `target` so that it survives a crash: its bytes first, then its name."""
    with staged.open("rb+") as file:
        os.fsync(file.fileno())
    staged.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Some network file systems cannot: then the rename has to do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file atomically. Raises OSError, and then leaves the former file as it was."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.write_bytes(content)
        publish(staged, path)
    except OSError:
        staged.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """`write_whole` for a JSON value."""
    write_whole(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())


def write_lightly(path: Path, value: Any) -> None:
    """A JSON value that readers see whole; lost in a crash of the computer, and on a full disk."""
    staged = path.with_name(f".{path.name}")
    with contextlib.suppress(OSError):
        staged.write_text(json.dumps(value))
        staged.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file, or None when it is missing, unreadable or not an object."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
