"""The memory helper, kept at work on whatever the screen has no estimate of."""

from contextlib import suppress
from functools import partial

from textual.app import App
from textual.timer import Timer

from app.memory.calibration import read_calibration
from app.memory.environment import environment
from app.memory.estimates import Estimates
from app.memory.helper import Helper
from app.memory.helper_lines import Answer
from app.memory.job import Job
from app.memory.trace_store import trace_folder
from app.session.state_file import state_folder
from app.session.store import Session
from app.ui.inquiry import DEBOUNCE


class Tracing:
    """Has every training traced whose memory is not known yet, once its values stand for a moment."""

    def __init__(self, app: App, session: Session):
        self._app, self._session = app, session
        self._helper: Helper | None = None
        self._asked: tuple = ()
        self._timer: Timer | None = None
        app.run_worker(self._begin, thread=True, group="estimates")

    def follow(self) -> None:
        """Asks for what the snapshot has no estimate of."""
        memory = self._session.snapshot.memory
        present = () if memory.job is None or memory.is_exact or memory.problem else (memory.job,)
        wanted = present or ((self._session.known.wanted,) if self._session.known.wanted else ())
        if wanted == self._asked or self._helper is None:
            return
        self._asked = wanted
        if self._timer is not None:
            self._timer.stop()
        if wanted:
            self._timer = self._app.set_timer(DEBOUNCE, lambda: self._ask(*wanted))

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if self._helper is not None:
            self._helper.close()

    def _begin(self) -> None:
        """Versions, calibration and folders: read in a thread."""
        folder, here = trace_folder(), environment()
        estimates = Estimates(here, read_calibration(state_folder()), folder)
        self._app.call_from_thread(self._ready, Helper(folder, str(here), self._hear), estimates)

    def _ready(self, helper: Helper, estimates: Estimates) -> None:
        self._helper = helper
        self._session.known.estimates_ready(estimates)

    def _ask(self, job: Job) -> None:
        assert self._helper is not None
        self._session.known.wanted = None
        self._app.run_worker(partial(self._helper.ask, job), thread=True, group="trace")

    def _hear(self, answer: Answer) -> None:
        with suppress(RuntimeError):  # the app has ended meanwhile
            self._app.call_from_thread(self._session.known.traced, answer)
