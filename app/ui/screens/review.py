"""One last look: what is wrong, what saving changes, what trains and where each value comes from, and how."""

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.events import Click

from app.ui.screens.deck_screen import DeckScreen
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.words import Words

if TYPE_CHECKING:
    from app.session.reviewing import Looked
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck

FINDINGS, YAML, VALUES, COMMAND = VIEWS = ("Findings", "YAML", "Values", "Command")


class ReviewScreen(DeckScreen):
    AUTO_FOCUS = "#views"
    BINDINGS = [
        Binding("tab", "view(1)", show=False),
        Binding("shift+tab", "view(-1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-12)", show=False),
        Binding("pagedown", "scroll(12)", show=False),
        Binding("home", "scroll(-9999)", show=False),
        Binding("end", "scroll(9999)", show=False),
    ]

    def __init__(self, app: "Deck") -> None:
        super().__init__(app)
        self._views = Segmented(VIEWS, FINDINGS, id="views")
        self._summary, self._words = Words(id="sum"), Words(id="said")
        self._looked: Looked | None = None

    def compose_content(self) -> ComposeResult:
        with Vertical(id="review"):
            yield self._views
            yield self._summary
            with VerticalScroll(id="view", can_focus=False):
                yield self._words

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.app.session is not None:
            self.ready()

    def ready(self) -> None:
        self.app.run_worker(self._look, group="review", exclusive=True)  # type: ignore[arg-type]

    async def _look(self) -> None:
        """The file as it is on the disk now, and the pace of earlier runs."""
        from app.session.reviewing import look

        session = self.app.session
        if session is not None:
            self._looked = await asyncio.to_thread(look, session.snapshot, self.app.runs_dir)
            self.show(session.snapshot)

    def show(self, snapshot: "Snapshot") -> None:
        from app.ui import review_words

        super().show(snapshot)
        self._summary.show(review_words.summary(snapshot, self._looked.duration if self._looked else "…"))
        match self._views.value:
            case "Findings":
                words = review_words.findings(snapshot, len(self.app.session.mendable_drafts()))
            case "YAML":
                words = review_words.text(self.app.session)
            case "Values":
                words = review_words.values(
                    snapshot, self._looked.on_disk if self._looked else None, self.size.width - 24
                )
            case _:
                words = review_words.commands(snapshot)
        self._words.show(words)

    def on_resize(self) -> None:
        super().on_resize()
        if self.app.session is not None:
            self.show(self.app.session.snapshot)

    def on_segmented_changed(self) -> None:
        if self.app.session is not None:
            self.show(self.app.session.snapshot)
            self.query_one("#view").scroll_home(animate=False)

    @on(Click, "#view, #said")
    def _text_clicked(self) -> None:
        """A click on the findings lets one be mended."""
        if self._views.value == FINDINGS:
            self.app.action_command("mend")

    def action_view(self, step: int) -> None:
        self._views.action_choose(step)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#view").scroll_relative(y=lines, animate=False)
