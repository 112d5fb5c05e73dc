"""Completion of paths and model names while they are typed; the disk is read in a thread."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from textual.suggester import Suggester

from app.wire.text import printable

PAUSE = 0.15
"""Seconds of quiet before the disk is read: who types on wants no completion yet, and no thread beside each letter."""


class PathSuggester(Suggester):
    """Completes the last part of a path with the first folder, or file of one of the endings, that fits."""

    def __init__(self, endings: tuple[str, ...] = ()):
        super().__init__(use_cache=False, case_sensitive=True)
        self._endings = endings

    async def get_suggestion(self, value: str) -> str | None:
        await asyncio.sleep(PAUSE)
        return await asyncio.to_thread(complete_path, value, self._endings)


class ModelSuggester(Suggester):
    """Completes a model's name: one of the local cache, else a folder."""

    def __init__(self, names: Callable[[], Sequence[str]]):
        """`names` reads the cache, in a thread and once."""
        super().__init__(use_cache=False, case_sensitive=True)
        self._read_names = names
        self._names: Sequence[str] | None = None

    async def get_suggestion(self, value: str) -> str | None:
        await asyncio.sleep(PAUSE)
        if self._names is None:
            self._names = await asyncio.to_thread(self._read_names)
        fitting = [name for name in self._names if name.startswith(value)]
        return fitting[0] if fitting else await asyncio.to_thread(complete_path, value, ())


def complete_path(value: str, endings: tuple[str, ...]) -> str | None:
    """The path that begins with `value`: a folder, or a file with one of the endings; None when there is none.

    A folder that is named whole already is not completed by its slash, which would look as if it belonged to the value.
    """
    head, _, tail = value.rpartition("/")
    folder = Path(head or ("/" if value.startswith("/") else ".")).expanduser()
    try:
        names = sorted(
            entry.name + ("/" if entry.is_dir() else "")
            for entry in folder.iterdir()
            if entry.name.startswith(tail) and (entry.is_dir() or entry.suffix in endings)
            if printable(entry.name) == entry.name
        )
    except OSError:
        return None
    shown = [name for name in names if tail.startswith(".") or not name.startswith(".")]
    return value[: len(value) - len(tail)] + shown[0] if shown and shown[0] != f"{tail}/" else None
