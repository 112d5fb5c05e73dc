"""Reading what a trainer writes, while it writes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from app.wire.events import Event, decode

Told = TypeVar("Told")

_CHUNK = 1 << 20
_TAIL = 1 << 16


class LineReader(Generic[Told]):
    """Reads the lines of a file once, from its beginning on, as it grows; `decode` makes of each what it tells."""

    def __init__(self, path: Path, decode: Callable[[bytes], Told | None]):
        self._path = path
        self._decode = decode
        self._offset = 0

    def read_new(self, limit: int = 100_000) -> list[Told]:
        """What was written since the last call, at most about `limit`; empty when there is nothing yet.

        A line still being written waits for its end. Lines that tell nothing are passed over, and so is
        whatever a file lost that has become shorter.
        """
        told: list[Told] = []
        try:
            with self._path.open("rb") as file:
                self._offset = min(self._offset, file.seek(0, 2))
                file.seek(self._offset)
                while len(told) < limit and (chunk := file.read(_CHUNK)):
                    whole = chunk.rfind(b"\n") + 1
                    if not whole and len(chunk) < _CHUNK:
                        break
                    lines = chunk[:whole].splitlines(keepends=True)[: limit - len(told)] or [chunk]
                    self._offset += sum(map(len, lines))
                    told += [one for line in lines if (one := self._decode(line)) is not None]
                    file.seek(self._offset)
        except OSError:
            return told
        return told


class EventReader(LineReader[Event]):
    def __init__(self, path: Path):
        super().__init__(path, decode)


class LogTail:
    """The last lines of a log. Control characters stay as they are: whoever shows them must escape them."""

    def __init__(self, path: Path, lines: int = 200):
        self._path = path
        self._lines = lines

    def read(self) -> list[str]:
        """The last lines now, from at most the last 64 kB; empty when there is no log."""
        text = read_tail(self._path, _TAIL).decode(errors="replace")
        return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")][-self._lines :] if text else []


def read_tail(path: Path, size: int) -> bytes:
    """The last `size` bytes of a file, less the line that this cuts; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, 2) - size)
            file.seek(start)
            tail = file.read(size)
    except OSError:
        return b""
    return tail.partition(b"\n")[2] if start else tail
