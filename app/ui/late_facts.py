"""Facts that arrive late: read beside the event loop whenever the values that they speak of have changed."""

from collections.abc import Callable
from pathlib import Path

from textual.app import App

from app.checks.surroundings import look_around
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.rows import count_rows
from app.models.layers import known_names
from app.session import data_reading
from app.session.facts import Learned, being_looked_for, learn_model
from app.session.store import Session
from app.ui.inquiry import Inquiry
from app.ui.machine_watch import MachineWatch
from app.ui.tracing import Tracing

LOOK_AROUND_EVERY = 5.0
"""Seconds between looks at what stands around a configuration: runs and people make and delete folders."""
STOPPED = "You stopped the reading: “Read again” (r on the Data screen) begins it anew."


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
    """Of the data folder's files; None when cancelled."""

    def tell(done: int, total: int) -> None:
        share = f"{done / total:.0%} of {total / 1e6:,.0f} MB" if total else ""
        session.known.progress["dataset"] = f"reading the rows … {share}"

    return data_reading.scan_rows(session.snapshot.config, Path.cwd(), tell, cancelled)


def learn_all(name: str) -> Learned:
    """Facts of the model, and of its modules, which the rules remember: told here, they cost no keystroke."""
    learned = learn_model(name, Path.cwd())
    if learned.facts is not None:
        known_names(learned.facts)
    return learned


def count_tokens(session: Session, cancelled: Callable[[], bool]) -> Lengths | str | None:
    """Of the rows under the present configuration; None when cancelled."""

    def tell(name: str, done: int) -> None:
        session.known.progress["lengths"] = f"counting the tokens of {name} … {done:,} rows"

    return data_reading.count_tokens(session.snapshot.config, Path.cwd(), tell, cancelled)
