"""Facts that arrive late: read beside the event loop whenever the values that they speak of have changed."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from textual.app import App
from textual.timer import Timer
from textual.worker import get_current_worker

from app.checks.surroundings import look_around
from app.config.config import native
from app.config.document import ConfigError
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.rows import count_rows
from app.machine.gpu import GpuCeiling
from app.machine.state import MachineState, look
from app.memory.calibration import read_calibration
from app.memory.ceiling import gpu_ceiling
from app.memory.environment import environment
from app.memory.estimates import Estimates
from app.memory.helper import Helper
from app.memory.helper_lines import Answer
from app.memory.job import Job
from app.memory.trace_store import trace_folder
from app.models.layers import known_names
from app.session.facts import Learned, being_looked_for, learn_model
from app.session.state_file import state_folder
from app.session.store import Session

DEBOUNCE = 0.3
"""Seconds of quiet before a folder is read, so that typing its name reads one folder, not ten."""

LOOK_EVERY = 1.0
"""Seconds between looks at the machine."""
LOOK_AROUND_EVERY = 5.0
"""Seconds between looks at what stands around a configuration: runs and people make and delete folders."""
STOPPED = "You stopped the reading: “Read again” (r on the Data screen) begins it anew."
PROGRAMS = 3
"""How many of the largest other programs are listed."""

Read = Callable[[str, Callable[[], bool]], Any]


class LateFacts:
    """Rows of the dataset and their tokens, facts of the model, traces, what stands around, and the machine."""

    def __init__(
        self, app: App, session: Session, tell: Callable[[str, str], None], trainer: Callable[[], frozenset[int]]
    ):
        self._app = app
        self._around = Inquiry(
            app,
            "surroundings",
            lambda: session.known.surroundings_subject,
            lambda: session.snapshot.surroundings is not None,
            lambda _, cancelled: look_around(session.snapshot.config.values, Path.cwd()),
            lambda _, surroundings: session.known.surroundings_seen(surroundings),
        )
        self._looking = app.set_interval(LOOK_AROUND_EVERY, self._look_around)
        self._rows = Inquiry(
            app,
            "rows",
            lambda: session.data_folder,
            lambda: session.snapshot.rows is not None,
            lambda data, cancelled: count_rows(Path(data), cancelled),
            session.rows_counted,
        )
        self._dataset = Inquiry(
            app,
            "dataset",
            lambda: session.known.dataset_subject,
            lambda: session.snapshot.dataset is not None,
            lambda subject, cancelled: scan(session, cancelled) if subject else None,
            session.known.dataset_learned,
        )
        self._lengths = Inquiry(
            app,
            "lengths",
            lambda: session.known.lengths_subject,
            lambda: session.snapshot.lengths is not None,
            lambda subject, cancelled: count_tokens(session, cancelled) if subject else None,
            session.known.lengths_learned,
        )
        self._inquiries = (
            self._around,
            self._rows,
            self._dataset,
            self._lengths,
            Inquiry(
                app,
                "model",
                lambda: session.known.model_name,
                lambda: session.snapshot.model is not None,
                lambda name, _: learn_all(name),
                session.known.model_learned,
                begin=lambda name: session.known.model_learned(name, being_looked_for(name)),
            ),
        )
        self._machine = MachineWatch(app, session, tell, trainer)
        self._tracing = Tracing(app, session)

    def follow(self) -> None:
        for inquiry in self._inquiries:
            inquiry.follow()
        self._tracing.follow()

    def cancel(self) -> None:
        self._looking.stop()
        for inquiry in self._inquiries:
            inquiry.cancel()
        self._machine.cancel()
        self._tracing.cancel()

    def stop_reading(self) -> bool:
        """Gives up reading rows and counting their tokens; whether anything was to give up."""
        stopped = [each.give_up(STOPPED) for each in (self._dataset, self._lengths)]
        return any(stopped)

    def _look_around(self) -> None:
        if self._app.app_focus:
            self._around.ask_again()


def scan(session: Session, cancelled: Callable[[], bool]) -> DatasetFacts | str | None:
    """Of the data folder's files, in a process of their own; None when cancelled."""
    from app.data.scan_learning import learn_dataset

    def tell(done: int, total: int) -> None:
        session.known.progress["dataset"] = (
            f"reading the rows … {done / total:.0%} of {total / 1e6:,.0f} MB" if total else ""
        )

    config = session.snapshot.config
    return learn_dataset(
        Path(str(config.values["data"])), native(config), trace_folder().with_name("scans"), tell, cancelled
    )


def learn_all(name: str) -> Learned:
    """Facts of the model, and of its modules, which the rules remember: told here, they cost no keystroke."""
    learned = learn_model(name, Path.cwd())
    if learned.facts is not None:
        known_names(learned.facts)
    return learned


def count_tokens(session: Session, cancelled: Callable[[], bool]) -> Lengths | str | None:
    """Of the rows under the present configuration, in an engine process; None when cancelled."""
    from app.data.lengths_learning import learn_lengths

    def tell(name: str, done: int) -> None:
        session.known.progress["lengths"] = f"counting the tokens of {name} … {done:,} rows"

    config = native(session.snapshot.config)
    return learn_lengths(config, Path.cwd(), trace_folder().with_name("lengths"), tell, cancelled)


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


class MachineWatch:
    """Looks at the machine, and at the open file, in a thread; tells only what a screen would show otherwise."""

    def __init__(
        self, app: App, session: Session, tell: Callable[[str, str], None], trainer: Callable[[], frozenset[int]]
    ):
        """`tell(message, severity)` tells the person; `trainer` is the process of the run that is watched, which is not
        another program."""
        self._app, self._session, self._tell, self._trainer = app, session, tell, trainer
        self._file: tuple = ()
        self._ceiling: GpuCeiling | None = None
        self._shown: tuple = ()
        self._busy = False
        self._timer = app.set_interval(LOOK_EVERY, self._look)
        app.run_worker(self._ask_ceiling, thread=True, group="ceiling")
        self._look()

    def cancel(self) -> None:
        self._timer.stop()

    def _ask_ceiling(self) -> None:
        self._ceiling = gpu_ceiling()

    def _look(self) -> None:
        if not self._busy and self._app.app_focus:
            self._busy = True
            self._app.run_worker(self._read, thread=True, group="machine")

    def _read(self) -> None:
        try:
            self._look_at_file()
            machine = look(self._ceiling, self._trainer(), PROGRAMS)
            if (shown := _rounded(machine)) != self._shown:
                self._shown = shown
                self._app.call_from_thread(self._session.known.machine_seen, machine)
        finally:
            self._busy = False

    def _look_at_file(self) -> None:
        path = self._session.snapshot.path
        stamp = (path, *_stamp(path)) if path else ()
        if stamp != self._file:
            was_known, self._file = self._file[:1] == stamp[:1], stamp
            if was_known:
                self._app.call_from_thread(self._file_moved)

    def _file_moved(self) -> None:
        """Somebody wrote the open file: it is shown as it is now, unless that would lose what was typed."""
        session = self._session
        if session.snapshot.path is None or not session.changes_on_disk():
            return
        name = session.snapshot.path.name
        if session.snapshot.dirty:
            self._tell(f"{name} has changed on disk. Saving will ask whose version stays.", "warning")
            return
        try:
            session.open(session.snapshot.path)
            self._tell(f"{name} has changed on disk, and is shown as it is now.", "information")
        except ConfigError as error:
            self._tell(f"{name} has changed on disk and cannot be shown: {error}", "warning")


def _stamp(path: Path) -> tuple:
    """What changes when a file is written; nothing when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _rounded(machine: MachineState) -> tuple:
    """What a screen shows of it, in tenths of a GB: nothing is drawn while this stays the same."""
    memory = machine.memory
    numbers = (memory.total, memory.available, memory.swap_used)
    programs = tuple((program.name, round(program.resident, -8)) for program in machine.processes)
    return (*(round(number, -8) for number in numbers), machine.pressure, machine.ceiling, programs)


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
