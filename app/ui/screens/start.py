"""Where one begins: a path to paste, the files of late, the demo, or something new."""

import asyncio
import time
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click

from app.ui.screens.deck_screen import DeckScreen
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.words import Words
from app.wire.text import printable

if TYPE_CHECKING:
    from app.session.recent import RecentFile
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck
    from app.ui.widgets.path_input import PathInput

NEW_FROM, NEW, DEMO, PRESETS, RUNS = "new-from", "new", "demo", "presets", "runs"
BACK, PAUSED = "back", "paused"
RECENT = "recent:"

ENTRIES = (
    (NEW_FROM, "New, from model and data", "sound numbers are filled in"),
    (PRESETS, "New, from a preset", "settings for a purpose"),
    (NEW, "New, from the defaults", "every value as mlx-lm has it"),
    (DEMO, "The demo", "a tiny real model, trained at once"),
    (RUNS, "The runs so far", "watched again, compared, opened as a new one"),
)


ASK = Content.assemble(("Open", "bold"), ("  a YAML file, a data folder or a model folder", "$text-muted"))
ASK_TYPED = Content.assemble(("Open", "bold"), ("  what is typed: Enter, or a click here", "$text-muted"))


class StartScreen(DeckScreen):
    AUTO_FOCUS = None
    BINDINGS = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("escape", "escape", show=False),
    ]

    def __init__(self, app: "Deck") -> None:
        super().__init__(app)
        self.choices, self._complaint = LineList(id="choices", classes="-driven"), Words(id="complaint")
        self._ask = Words(id="ask")
        self.choices.can_focus = False
        self._path: PathInput | None = None
        self._recent: tuple[RecentFile, ...] = ()

    def compose_content(self) -> ComposeResult:
        with Vertical(id="start"):
            yield self._ask
            yield self._complaint
            yield self.choices

    def on_mount(self) -> None:
        super().on_mount()
        self._ask.show(ASK)
        self._list()

    def show(self, snapshot: "Snapshot") -> None:
        super().show(snapshot)
        self._list()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.complain("")
        if self.app.session is not None:
            self.ready()

    def ready(self) -> None:
        """Once a session is there: the field for a path, and the files of late."""
        if self._path is None:
            from app.ui.widgets.path_input import PathInput

            self._path = PathInput()
            self.query_one("#start").mount(self._path, after=0)
        self._path.focus()
        self.app.run_worker(self._read_recent, group="recent", exclusive=True)  # type: ignore[arg-type]

    async def _read_recent(self) -> None:
        from app.session.recent import recent_files

        folder = self.app.state_folder
        had_none, untouched = not self._recent, self.choices.chosen == NEW_FROM
        self._recent = await asyncio.to_thread(recent_files, folder) if folder else ()
        newest = next((RECENT + str(file.path) for file in self._recent if file.exists), None)
        self._list(newest if had_none and untouched else None)

    def _list(self, cursor: str | None = None) -> None:
        lines = []
        if self.app.session is not None and (self.app.session.snapshot.path or self.app.is_dirty):
            edited = "  ● edited" if self.app.is_dirty else ""
            lines.append(Line(BACK, _entry("Go on", f"with {self.app.document_name}{edited}")))
            lines.append(Line(None, Content("")))
        if (paused := self.app.paused) is not None:
            lines.append(Line(None, _heading("Paused", "Enter shows it, and there r resumes it")))
            words = f"iteration {paused.iteration:,} of {paused.iters:,}"
            lines.append(Line(PAUSED, _entry(printable(paused.id), f" {words}")))
            lines.append(Line(None, Content("")))
        if self._recent:
            lines.append(Line(None, _heading("Recent")))
            lines += [Line(RECENT + str(file.path), _recent_words(file)) for file in self._recent]
            lines.append(Line(None, Content("")))
        lines.append(Line(None, _heading("Begin")))
        lines += [Line(id, _entry(label, help)) for id, label, help in ENTRIES]
        self.choices.show(lines, cursor)

    def complain(self, words: str) -> None:
        """Why the path given would not do."""
        self._complaint.show(Content.styled(f"✗ {words}", "$text-error bold") if words else Content(""))
        self._complaint.display = bool(words)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        if event.lines is self.choices:
            self.app.begin(event.id)

    def on_input_changed(self, event) -> None:
        self._ask.show(ASK_TYPED if event.value.strip() else ASK)

    @on(Click, "#ask")
    def _ask_clicked(self) -> None:
        if self._path is not None and self._path.value.strip():
            self.app.open_path(self._path.value)

    def on_input_submitted(self, event) -> None:
        """Enter: the path that was typed, else the entry under the cursor."""
        if event.value.strip():
            self.app.open_path(event.value)
        else:
            self.choices.action_choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The arrows move the list while one types, as in every list that is narrowed by typing."""
        return self.focused is not self.places if action == "move" else True

    def action_escape(self) -> None:
        """Out of the field, and back to it."""
        if self._path is not None and not self._path.has_focus:
            self._path.focus()
        else:
            self.leave_field()

    def action_move(self, step: int) -> None:
        self.choices.action_move(step)


def _heading(label: str, help: str = "") -> Content:
    return Content.assemble((label, "bold"), (f"  {help}" if help else "", "$text-muted"))


def _entry(label: str, help: str) -> Content:
    return Content.assemble(f"  {label:<28}", (help, "$text-muted"))


def _recent_words(file: "RecentFile") -> Content:
    gone = "" if file.exists else "gone from "  # before the path, which may be cut off
    where = printable(str(file.path.parent))
    return Content.assemble(
        f"  {printable(file.path.name):<27} ", (f"{_ago(file.opened):<14}{gone}{where}", "$text-muted")
    )


def _ago(moment: float) -> str:
    seconds = max(0.0, time.time() - moment)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if (count := int(seconds // size)) >= 1:
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"
