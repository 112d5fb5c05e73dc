"""Counting the dataset's rows beside the event loop, again whenever the data folder changes."""

from pathlib import Path
from threading import Event

from textual.app import App
from textual.timer import Timer
from textual.worker import get_current_worker

from app.data.rows import RowCounts, count_rows
from app.session.store import Session

DEBOUNCE = 0.3
"""Seconds of quiet before a folder is read, so that typing its name reads one folder, not ten."""


class RowCounting:
    def __init__(self, app: App, session: Session):
        self._app = app
        self._session = session
        self._data: str | None = None
        self._timer: Timer | None = None
        self._cancelled = Event()

    def follow(self) -> None:
        """Counts anew when the data folder is not the one last asked for, or was opened afresh."""
        data = self._session.data_folder
        if data == self._data and self._session.snapshot.rows is not None:
            return
        if data == self._data and self._timer is not None:
            return
        self.cancel()
        self._data = data
        self._timer = self._app.set_timer(DEBOUNCE, self._start)

    def cancel(self) -> None:
        self._cancelled.set()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _start(self) -> None:
        self._cancelled = Event()
        data, cancelled = self._data or "", self._cancelled
        self._app.run_worker(lambda: self._count(data, cancelled), thread=True, group="rows", exclusive=True)

    def _count(self, data: str, cancelled: Event) -> None:
        worker = get_current_worker()
        rows = count_rows(Path(data), lambda: cancelled.is_set() or worker.is_cancelled)
        if rows is not None and not worker.is_cancelled:
            self._app.call_from_thread(self._arrived, data, rows)

    def _arrived(self, data: str, rows: RowCounts) -> None:
        self._timer = None
        self._session.rows_counted(data, rows)
