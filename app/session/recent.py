"""The YAML files opened or saved lately."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.session.state_file import State, read_state, update_state

LIMIT = 20


@dataclass(frozen=True)
class RecentFile:
    """`opened` is in seconds since the Unix epoch; `exists` is of the moment that it was asked."""

    path: Path
    opened: float
    exists: bool


def remember(folder: Path, path: Path) -> None:
    """Put a file at the head of the list. Silent when the folder cannot be written."""
    newest = {"path": str(_absolute(path)), "opened": time.time()}

    def with_newest(state: State) -> State:
        others = [entry for entry in _entries(state) if entry["path"] != newest["path"]]
        return state | {"files": [newest, *others][:LIMIT]}

    update_state(_file(folder), with_newest)


def recent_files(folder: Path) -> tuple[RecentFile, ...]:
    """The files of the list, newest first, at most 20. Looks at each: a network disk that is gone may take its time."""
    return tuple(
        RecentFile(path := Path(entry["path"]), float(entry["opened"]), _is_file(path))
        for entry in _entries(read_state(_file(folder)))[:LIMIT]
    )


def _file(folder: Path) -> Path:
    return folder / "recent.json"


def _absolute(path: Path) -> Path:
    """The name by which a person knows the file: links stay, `..` goes."""
    absolute = path.absolute()
    return absolute.parent.resolve() / absolute.name if ".." in absolute.parts else absolute


def _entries(state: State) -> list[dict[str, Any]]:
    entries = state.get("files")
    return list(filter(_is_entry, entries)) if isinstance(entries, list) else []


def _is_entry(entry: Any) -> bool:
    match entry:
        case {"path": str(path), "opened": int() | float() as opened}:
            return Path(path).is_absolute() and not isinstance(opened, bool) and abs(opened) < 1e12
    return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a folder that may not be entered; a NUL byte in the path
        return False
