"""What the queue does while the app is open: a run that it begins is told, and shown in place of the one before."""

import asyncio
from typing import TYPE_CHECKING

from app.runs import wording
from app.runs.folder import RunError
from app.runs.queue import read_queue
from app.runs.queue_work import go_on
from app.runs.queued import look_at_queue
from app.session.watch import Watch
from app.ui.places import TRAIN
from app.wire.run_folder import RunFolder

if TYPE_CHECKING:
    from app.ui.deck import Deck

LOOK_EVERY = 2.0
"""Seconds between looks at the queue's file."""


class QueueWatch:
    def __init__(self, app: "Deck"):
        self._app = app
        self._begun: str | None = None
        """The run that the queue began last, as it was at the last look."""
        self._next: RunFolder | None = None
        """A run that the queue began and that was not shown yet."""
        self._lived: Watch | None = None
        """The run that was watched while it went on: when it has ended, its watcher waits for the next one."""
        app.run_worker(self._follow(), group="queue", exit_on_error=False)

    def take_up(self) -> bool:
        """Watches the run that the queue began, unless the person looks at one that goes on, or at one of the past."""
        run, watched = self._next, self._app.watched
        if run is None:
            return False
        if watched is not None and watched.folder == run and watched.live:
            self._next = None
            return False
        if watched is None or watched.folder == run or (watched is self._lived and not watched.live):
            self._app.watched, self._next = Watch(run), None
            return True
        return False

    async def _follow(self) -> None:
        runs_dir = self._app.runs_dir
        self._begun = (await asyncio.to_thread(read_queue, runs_dir)).started
        await self._take_to_work()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._look((await asyncio.to_thread(read_queue, runs_dir)).started)

    async def _take_to_work(self) -> None:
        """After a restart of the computer nothing works on the queue: it goes on, and that is said."""
        runs_dir = self._app.runs_dir
        try:
            if await asyncio.to_thread(go_on, runs_dir):
                queue = await asyncio.to_thread(look_at_queue, runs_dir)
                self._app.tell(f"The queue goes on where it stood. {wording.queue(queue)}")
        except RunError as error:
            self._app.tell(str(error), "error")

    def _look(self, begun: str | None) -> None:
        app = self._app
        if app.watched is not None and app.watched.live:
            self._lived = app.watched
        if begun is not None and begun != self._begun:
            self._next = RunFolder(app.runs_dir / begun)
            app.tell(f"Next from the queue: {begun} began.{'' if app.place == TRAIN else ' ^t shows it.'}")
        self._begun = begun
        if app.place == TRAIN and self.take_up():
            for screen in app.screen_stack:
                if hasattr(screen, "follow"):
                    screen.follow(app.watched)
            app.update_bar()
