"""The runs that wait for their turn: their order is changed here, and one that is not wanted is taken out."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.runs import wording
from app.runs.folder import RunError
from app.runs.listing import RunSummary
from app.runs.queued import QueueState, let_go_on, look_at_queue, move_by, remove
from app.ui.screens.dialogs import Choose
from app.ui.screens.question import Question
from app.ui.screens.read import Read
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.words import Words
from app.wire.run_folder import RunFolder
from app.wire.text import printable

LOOK_EVERY = 1.0
"""Seconds between looks: runs begin, and others may change the queue as well."""


class QueueScreen(Question[None]):
    """What is shown is always what stands on the disk: a key changes that, and then it is read again."""

    CSS_PATH = "queue.tcss"
    AUTO_FOCUS = "#waiting"
    BINDINGS = [
        Binding("escape,q", "dismiss", show=False),
        # Some terminals keep shift and an arrow for themselves.
        Binding("u,shift+up", "move(-1)", show=False),
        Binding("d,shift+down", "move(1)", show=False),
        Binding("x,delete,backspace", "remove", show=False),
        Binding("g", "go_on", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._list, self._about = LineList(id="waiting"), Words(id="about")
        self._state: QueueState | None = None
        self._turn = asyncio.Lock()
        """One after another, so that three presses are three places."""

    def compose(self) -> ComposeResult:
        with Vertical(id="queue"):
            yield Static("Queue", id="question", markup=False)
            yield self._list
            yield self._about
            yield Hints(
                ("u earlier", "move(-1)"),
                ("d later", "move(1)"),
                ("x removes", "remove"),
                ("Enter shows", "read"),
                ("g goes on", "go_on"),
                ("Esc leaves", "dismiss"),
            )

    def on_mount(self) -> None:
        self._look()
        self.set_interval(LOOK_EVERY, self._look)

    def _look(self) -> None:
        if not self._turn.locked():
            self.run_worker(self._do(lambda: None), group="queue", exit_on_error=False)

    async def _do(self, change: Callable[[], Any]) -> None:
        """A change to the queue, and what it has become."""
        async with self._turn:
            try:
                await asyncio.to_thread(change)
            except RunError as error:
                self.app.tell(str(error), "error")
            running = self._state.running.folder if self._state and self._state.running else None
            self._show(await asyncio.to_thread(look_at_queue, self.app.runs_dir, running))

    def _show(self, state: QueueState) -> None:
        self._state = state
        lines = [Line(run.id, _words(place, run)) for place, run in enumerate(state.waiting, 1)]
        nothing = Content.styled("“Add to queue” in the palette puts what the forms show here.", "$text-muted")
        self._list.show(lines or [Line(None, nothing)])
        self._list.styles.height = max(1, len(lines))
        self._about.show(Content(printable(wording.queue(state))))

    @property
    def _chosen(self) -> RunFolder | None:
        return RunFolder(self.app.runs_dir / self._list.chosen) if self._list.chosen else None

    def action_move(self, steps: int) -> None:
        if run := self._chosen:
            self.run_worker(self._do(lambda: move_by(run, steps)), group="queue")

    def action_go_on(self) -> None:
        self.run_worker(self._do(lambda: let_go_on(self.app.runs_dir)), group="queue")

    def action_remove(self) -> None:
        if run := self._chosen:
            self.run_worker(self._ask_and_remove(run), group="queue")

    async def _ask_and_remove(self, run: RunFolder) -> None:
        body = f"{run.id} leaves the queue, and its folder with the configuration that it keeps is deleted."
        answers = {"cancel": "Leave it", "remove": "Take it out"}
        if await self.app.push_screen_wait(Choose("Take this run out?", body, answers)) == "remove":
            await self._do(lambda: remove(run))

    @on(LineList.Chosen)
    def action_read(self) -> None:
        if run := self._chosen:
            self.run_worker(self._read(run), group="queue")

    async def _read(self, run: RunFolder) -> None:
        """What it will train, as it was when it was queued."""
        try:
            text = (await asyncio.to_thread(run.config.read_bytes)).decode(errors="replace")
        except OSError:
            return  # it was taken out meanwhile
        await self.app.push_screen_wait(Read(printable(run.id), Content("\n".join(map(printable, text.splitlines())))))


def _words(place: int, run: RunSummary) -> Content:
    """What tells one from another comes first, for the end of a long line is cut off."""
    file = Path(run.source).name if run.source else "in no file"
    told = f"  {wording.last_name(run.model)}, {f'{run.iters:,} iterations' if run.iters else 'a test'}"
    return Content.assemble(
        (f"{place:>2}  ", "$text-muted"),
        (printable(file), "bold"),
        printable(told),
        (f"  {printable(run.id)}", "$text-muted"),
    )
