"""The app without its keys: what is open, which screen is shown, and the way from a change of state to it."""

import asyncio
import contextlib
import os
import signal
import threading
from pathlib import Path

from textual.app import App
from textual.screen import Screen

from app.config.registry import BY_KEY, GROUPS
from app.session.snapshot import Snapshot
from app.session.store import EPOCHS, Session
from app.session.watch import Watch
from app.ui.row_counting import RowCounting
from app.ui.screens.group import GroupScreen
from app.wire.text import printable

TRAIN = "train"
FIRST = GROUPS[0].id

PATIENCE = 3.0
"""Seconds from a signal to leave until the process ends in any case."""


class Deck(App[None]):
    def __init__(self, session: Session, runs_dir: Path, watched: Watch | None = None):
        super().__init__()
        self.session = session
        self.runs_dir = runs_dir
        self.start_directory = Path.cwd()
        """Where relative paths begin, as for mlx-lm."""
        self.watched = watched
        self.last_form = FIRST
        self.farewell = ""
        """Said on the terminal once the screen is gone."""
        self.run_words = ""
        """What the watched run does, for the title of every screen."""
        self._travels = (False, False)
        """Whether undo and redo have somewhere to go, as the footer knows it."""
        self._row_counting = RowCounting(self, session)
        for group in GROUPS:
            self.add_mode(group.id, self._form_maker(group.id))
        self.add_mode(TRAIN, _train_screen)

    def _form_maker(self, group: str):
        return lambda: GroupScreen(group, self.session)

    async def on_mount(self) -> None:
        self.session.listen(self._changed)
        self._leave_cleanly_on_signals()
        await self.go(TRAIN if self.watched else FIRST)
        self._row_counting.follow()

    async def on_unmount(self) -> None:
        self._row_counting.cancel()

    @property
    def document_name(self) -> str:
        path = self.session.snapshot.path
        return printable(str(path)) if path else "new configuration"

    @property
    def on_train_screen(self) -> bool:
        return self.current_mode == TRAIN

    async def go(self, mode: str) -> None:
        if mode != TRAIN:
            self.last_form = mode
        if mode != self.current_mode:
            await self.switch_mode(mode)
            self.refresh_bindings()

    async def go_to_field(self, key: str) -> None:
        await self.go(BY_KEY["iters" if key == EPOCHS else key].group)
        if isinstance(self.screen, GroupScreen):
            self.screen.focus_field(key)

    def show_run(self, words: str) -> None:
        self.run_words = words
        if isinstance(self.screen, GroupScreen):
            self.screen.show_run(words)

    def tell(self, message: str, severity: str = "information") -> None:
        self.notify(printable(message), severity=severity, markup=False, timeout=8)  # type: ignore[arg-type]

    def _changed(self, snapshot: Snapshot) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, GroupScreen):
                screen.show(snapshot)
        travels = (snapshot.can_undo, snapshot.can_redo)
        if travels != self._travels:  # the footer is made anew, which costs more than the edit itself
            self._travels = travels
            self.refresh_bindings()
        self._row_counting.follow()

    def _leave_cleanly_on_signals(self) -> None:
        """Textual restores the terminal only when it ends by itself; a closed terminal and a kill must, too.

        Python's own handlers, not asyncio's: when a terminal is gone Textual's writer dies, the loop may block on
        its full queue, and only these still run then.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(ValueError):  # not the main thread: a test
                signal.signal(number, lambda number, _: self._leave_for(number, loop))

    def _leave_for(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(lambda: self.exit(return_code=128 + number))
        last_resort = threading.Timer(PATIENCE, os._exit, [128 + number])
        last_resort.daemon = True
        last_resort.start()


def _train_screen() -> Screen:
    """Imported on the first visit, for numpy comes with the chart."""
    from app.ui.screens.train import TrainScreen

    return TrainScreen()
