"""The trainer's side of `events.jsonl`, and its plain lines in the log."""

import os
import sys
from pathlib import Path

from app.wire.events import Checkpoint, Event, decode, encode


class EventLog:
    """Appends events, each in one write, so that readers see whole lines as they come."""

    def __init__(self, path: Path):
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        size = os.fstat(self._descriptor).st_size
        self._torn = size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"

    def write(self, event: Event) -> None:
        """Append one event. A full disk loses the event, never the training."""
        line = encode(event).encode()
        if self._torn:
            line = b"\n" + line
        try:
            self._torn = os.write(self._descriptor, line) != len(line)
        except OSError:
            self._torn = True


def numbered_checkpoints(events: Path) -> list[Path]:
    """The numbered adapters that a run has told of and that are still there, in their order."""
    with events.open("rb") as file:
        told = [decode(line) for line in file if line.startswith(b'{"event":"checkpoint"')]
    paths = dict.fromkeys(Path(event.path) for event in told if isinstance(event, Checkpoint))
    return [path for path in paths if path.name[0].isdigit() and path.exists()]


def say(text: str) -> None:
    """A plain line in the log. A full disk, again, must not end the training."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - every later line would fail as well
