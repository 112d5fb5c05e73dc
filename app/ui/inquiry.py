"""One kind of fact about one value of the configuration, asked for whenever that value has changed and stands."""

from collections.abc import Callable
from threading import Event
from typing import Any

from textual.app import App
from textual.timer import Timer
from textual.worker import get_current_worker

DEBOUNCE = 0.3
"""Seconds of quiet before a folder is read, so that typing its name reads one folder, not ten."""

Read = Callable[[str, Callable[[], bool]], Any]


class Inquiry:
    """One kind of fact about one value: `read(value, cancelled)` in a thread, then `tell(value, fact)` on the loop."""

    def __init__(
        self,
        app: App,
        name: str,
        subject: Callable[[], str],
        is_known: Callable[[], bool],
        read: Read,
        tell: Callable[[str, Any], None],
        begin: Callable[[str], None] = lambda _: None,
    ):
        """`begin(value)` is called on the loop when the reading begins."""
        self._begin = begin
        self._app, self._name, self._subject, self._is_known = app, name, subject, is_known
        self._read, self._tell = read, tell
        self._asked: str | None = None
        self._answered: str | None = None
        self._timer: Timer | None = None
        self._cancelled = Event()

    def follow(self) -> None:
        """Asks anew when the value is not the one last asked about, or was opened afresh."""
        subject = self._subject()
        if subject == self._asked and (self._is_known() or self._timer is not None):
            return
        self.cancel()
        self._asked = subject
        if subject == self._answered and self._is_known():  # typed, and taken back
            return
        self._timer = self._app.set_timer(DEBOUNCE, self._start)

    def ask_again(self) -> None:
        """The same question, whose answer may have changed; not while it is being asked."""
        if self._timer is None and self._answered == self._asked:
            self._start()

    def give_up(self, sentence: str) -> bool:
        """Takes `sentence` for the fact that is being read, until the value changes; whether one was being read."""
        if self._timer is None or not self._asked or self._is_known():
            return False
        self.cancel()
        self._arrived(self._asked, sentence)
        return True

    def cancel(self) -> None:
        self._cancelled.set()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _start(self) -> None:
        self._cancelled = Event()
        subject, cancelled = self._asked or "", self._cancelled
        self._begin(subject)
        self._app.run_worker(lambda: self._ask(subject, cancelled), thread=True, group=self._name, exclusive=True)

    def _ask(self, subject: str, cancelled: Event) -> None:
        worker = get_current_worker()
        fact = self._read(subject, lambda: cancelled.is_set() or worker.is_cancelled)
        if fact is not None and not cancelled.is_set() and not worker.is_cancelled:
            self._app.call_from_thread(self._arrived, subject, fact)

    def _arrived(self, subject: str, fact: Any) -> None:
        self._timer = None
        self._answered = subject
        self._tell(subject, fact)
