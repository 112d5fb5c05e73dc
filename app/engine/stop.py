"""How a request to stop reaches the trainer: a signal, or the file that came before its handlers."""

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path


def outcome_asked_for(file: Path) -> str:
    """How a run that does as the stop file asks has ended: paused or stopped."""
    with contextlib.suppress(OSError):
        if file.read_text() == "pause":
            return "paused"
    return "stopped"


class StopRequest:
    """Whether to stop, asked at every boundary where stopping is safe.

    While there is nothing to save, in a download or a load that asks nobody, `at_once` is called from the
    signal handler itself and must not return.
    """

    def __init__(self, file: Path, at_once: Callable[[], None]):
        self._at_once: Callable[[], None] | None = at_once
        self._requested = False
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)
        if file.exists():
            self._receive()

    def __bool__(self) -> bool:
        return self._requested

    def only_at_boundaries(self) -> None:
        """From here on there is something to lose: the handler only takes note."""
        self._at_once = None

    def _receive(self, *_: object) -> None:
        self._requested = True
        if self._at_once:
            self._at_once()
