"""One of many, found by typing, with what there is to say of the one under the cursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.ui.burst import keys_have_arrived
from app.ui.screens.question import Question
from app.ui.suggesters import PathSuggester
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_input import LineInput
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.words import Words
from app.wire.text import printable

NOTHING, NOTHING_YET = "Nothing fits.", "Type a name or a path."


@dataclass(frozen=True)
class Entry:
    id: str
    words: Content
    about: Content = field(default_factory=Content)
    """Shown below the list while the cursor is on it."""
    search: str = ""
    """What typing is compared with, beside the words themselves."""


class Pick(Question[str]):
    """Arrows move, Enter takes, Escape leaves; typing leaves only the entries that hold every word typed."""

    CSS_PATH = "pick.tcss"
    AUTO_FOCUS = "#filter, #entries"
    BINDINGS = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("enter", "take", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        entries: Sequence[Entry],
        cursor: str | None = None,
        filter: bool = True,
        moved: Callable[[str], None] | None = None,
        takes_typed: str = "",
    ):
        """`moved(id)` hears of every entry the cursor comes to.

        With `takes_typed`, the words before it, what is typed can be taken as it is: the answer is then that text.
        """
        super().__init__()
        self._title, self._entries, self._cursor = title, tuple(entries), cursor
        self._moved, self._takes_typed = moved, takes_typed
        self._line = self._make_line() if filter else None
        self._list, self._about = LineList(id="entries", classes="-driven"), Words(id="about")
        self._list.can_focus = not filter  # else a click on it would take the keys from the field
        self._list.selects_first = bool(moved)

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Static(self._title, id="question", markup=False)
            if self._line is not None:
                yield self._line
            yield self._list
            yield self._about
            yield Hints(("↑ ↓ move", ""), ("Enter takes", "take"), ("Esc leaves", "dismiss(None)"))

    def _make_line(self) -> LineInput:
        suggester = PathSuggester() if self._takes_typed else None
        hint = "type to narrow the list" + (", or a name or path of your own" if self._takes_typed else "")
        return LineInput("", id="filter", compact=True, placeholder=hint, suggester=suggester)

    def on_mount(self) -> None:
        self._about.display = any(entry.about.plain for entry in self._entries)
        self._show("", self._cursor)

    def _show(self, typed: str, cursor: str | None = None) -> None:
        fitting = [entry for entry in self._entries if _fits(entry.words.plain + " " + entry.search, typed)]
        fitting.sort(key=lambda entry: not _fits(entry.words.plain, typed))
        lines = [Line(entry.id, entry.words) for entry in fitting]
        if self._takes_typed and typed.strip():
            lines.append(
                Line(typed.strip(), Content.assemble(f"{self._takes_typed} ", (printable(typed.strip()), "bold")))
            )
        self._list.show(
            lines or [Line(None, Content.styled(NOTHING if typed.strip() else NOTHING_YET, "$text-muted"))], cursor
        )
        self._list.styles.height = max(1, len(lines))
        self._tell()

    def _tell(self) -> None:
        chosen = self._list.chosen
        about = next((entry.about for entry in self._entries if entry.id == chosen), Content(""))
        self._about.show(about)
        if chosen and self._moved:
            self._moved(chosen)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(LineList.Moved)
    def _walked(self) -> None:
        self._tell()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(event.id)

    def on_key(self, event: events.Key) -> None:
        """A letter of a burst that came before its line had the focus."""
        if self._line is not None and self.focused is None and event.is_printable:
            self._line.insert_text_at_cursor(event.character or "")

    async def _narrow_by_all_typed(self) -> None:
        """A key that moves or takes is meant for the list as what was typed before it leaves it."""
        if self._line is not None:
            await keys_have_arrived(self)
            await keys_have_arrived(self._line)
            self._show(self._line.value)

    async def action_move(self, step: int) -> None:
        await self._narrow_by_all_typed()
        self._list.action_move(step)

    async def action_take(self) -> None:
        await self._narrow_by_all_typed()
        if self._list.chosen:
            self.dismiss(self._list.chosen)


def _fits(text: str, typed: str) -> bool:
    return all(word in text.lower() for word in typed.lower().split())
