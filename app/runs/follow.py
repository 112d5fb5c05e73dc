"""Reading what a trainer writes, while it writes it."""

import math
from pathlib import Path

from app.runs.history import History
from app.runs.past import fold
from app.wire.events import Event, Step, decode

_CHUNK = 1 << 20
_TAIL = 1 << 16
_PAST_AT_ONCE = 50_000


class LineReader:
    """Reads the lines of a file once, from its beginning on, as it grows."""

    def __init__(self, path: Path):
        self._path = path
        self._offset = 0

    def new_lines(self, limit: int) -> list[bytes]:
        """Lines written since the last call, at most about `limit`; empty when there are none yet.

        A line still being written waits for its end. What a file lost that has become shorter is passed over.
        """
        found: list[bytes] = []
        try:
            with self._path.open("rb") as file:
                self._offset = min(self._offset, file.seek(0, 2))
                file.seek(self._offset)
                while len(found) < limit and (chunk := file.read(_CHUNK)):
                    whole = chunk.rfind(b"\n") + 1
                    if not whole and len(chunk) < _CHUNK:
                        break
                    lines = chunk[:whole].splitlines(keepends=True)[: limit - len(found)] or [chunk]
                    self._offset += sum(map(len, lines))
                    found += lines
                    file.seek(self._offset)
        except OSError:
            return found
        return found


class EventReader(LineReader):
    def read_new(self, limit: int = 100_000) -> list[Event]:
        """Events written since the last call, at most about `limit`. Lines that are no events are passed over."""
        return [event for line in self.new_lines(limit) if (event := decode(line)) is not None]

    def read_past(self, history: History) -> None:
        """Folds all that was written so far into a history; a million events take a second or two."""
        while lines := self.new_lines(_PAST_AT_ONCE):
            fold(lines, history)


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


def last_event(tail: bytes, kind: str) -> Event | None:
    """The last event of a kind in the end of an event file, found without reading the others."""
    start = tail.rfind(line_start(kind))
    return decode(tail[start:].partition(b"\n")[0]) if start >= 0 else None


def last_standing(tail: bytes, kind: str) -> Event | None:
    """The same, less the events of iterations that were trained again since, by a trainer that had gone back."""
    again, end = math.inf, len(tail)
    while True:
        begun = max(tail.rfind(line_start("started"), 0, end), 0)
        place = tail.rfind(line_start(kind), begun, end)
        while place >= 0:
            event = decode(tail[place:end].partition(b"\n")[0])
            if event is not None and getattr(event, "iteration", 0) < again:
                return event
            place = tail.rfind(line_start(kind), begun, place)
        if not begun:
            return None
        first = tail.find(line_start("step"), begun, end)
        if first >= 0 and isinstance(step := decode(tail[first:end].partition(b"\n")[0]), Step):
            again = min(again, step.iteration)
        end = begun


def line_start(kind: str) -> bytes:
    """How each line of such events begins."""
    return f'{{"event":"{kind}",'.encode()
