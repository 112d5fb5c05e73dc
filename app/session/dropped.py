"""What a file that was dragged onto the terminal, or a pasted path, means."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.wire.run_folder import RunFolder

SPLITS = ("train.jsonl", "valid.jsonl", "test.jsonl")

_LONGEST = 16_384
"""Characters of a paste that are looked at: some of the longest paths that a system takes."""


@dataclass(frozen=True)
class Dropped:
    """`path` is absolute: a configuration's file, or the folder of data or a model; else what was named."""

    kind: Literal["config", "data", "model", "missing", "other"]
    path: Path
    note: str = ""
    """A sentence about data whose file has a name that mlx-lm does not look for."""


def dropped(text: str) -> Dropped | None:
    """What the first path in a pasted text is; None for blank text. Looks at names alone, never into files.

    Terminals paste a dragged file with backslashes, in single quotes or as a file:// URL, with a space behind.
    """
    stripped = text[:_LONGEST].strip()
    if not stripped:
        return None
    literal = _path(stripped)  # a path copied elsewhere has its spaces bare
    path = literal if literal and _exists(literal) else _path(_first(stripped))
    return _meaning(path) if path else Dropped("missing", Path(stripped))


def _first(text: str) -> str:
    """The first word, by a shell's rules of quoting."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters = True, ""
    try:
        return words.get_token() or ""
    except ValueError:  # a quote without its partner: an apostrophe
        return text.splitlines()[0]


def _path(text: str) -> Path | None:
    """The absolute path that a text names, or None when it can be no path."""
    if text.lower().startswith("file://"):
        return _of_url(text)
    try:
        return Path(text).expanduser().absolute()
    except (RuntimeError, OSError):  # the home of nobody; a working directory that is gone
        return None


def _of_url(text: str) -> Path | None:
    from urllib.parse import unquote, urlsplit  # 2 ms that only those who drag need

    try:
        path = Path(unquote(urlsplit(text).path, errors="surrogateescape"))
    except ValueError:
        return None
    return path if path.is_absolute() else None


def _meaning(path: Path) -> Dropped:
    if not _exists(path):
        return Dropped("missing", path)
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() in (".yaml", ".yml"):
        return Dropped("config", path)
    if path.suffix.lower() == ".jsonl":
        return Dropped("data", path.parent, _name_note(path.parent, path.name))
    return Dropped("other", path)


def _folder(path: Path) -> Dropped:
    run = RunFolder(path)
    if _exists(run.config) and _exists(run.events):
        return Dropped("config", run.config)
    if any(_exists(path / name) for name in SPLITS):
        return Dropped("data", path)
    if _exists(path / "config.json"):
        return Dropped("model", path)
    if name := _rows_file(path):
        return Dropped("data", path, _name_note(path, name))
    return Dropped("other", path)


def _rows_file(folder: Path) -> str | None:
    try:
        return min((entry.name for entry in folder.iterdir() if entry.suffix.lower() == ".jsonl"), default=None)
    except OSError:  # it may not be listed
        return None


def _name_note(folder: Path, name: str) -> str:
    if name in SPLITS or _exists(folder / SPLITS[0]):
        return ""
    return f"mlx-lm does not look for {name}: name it train.jsonl, and give it a valid.jsonl beside it."


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name; in a folder that may not be entered; a NUL byte
        return False
