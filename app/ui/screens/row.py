"""One row of a dataset as the model will see it, and the way to any other."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.data.dataset import DatasetFacts, FileFacts
from app.data.row_view import RowLens, RowView, read_line
from app.session.data_look import SETS, set_facts
from app.session.row_words import row_headline
from app.ui.row_drawing import LEGEND, text_lines, token_lines
from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_input import LineInput
from app.ui.widgets.row_text import RowText
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.words import Words
from app.wire.text import printable

_RAW_SHOWN = 200_000
"""Letters of the bare text of a row."""


_LETTERS = {
    "n": "step(1)",
    "p": "step(-1)",
    "j": "scroll(1)",
    "k": "scroll(-1)",
    " ": "scroll(12)",
    "q": "dismiss(None)",
}
"""What letters do: none is typed into a number."""


class LineNumber(LineInput):
    """Takes digits; other letters are keys of the screen."""

    async def on_key(self, event: events.Key) -> None:
        if event.is_printable and not (event.character or "").isdecimal():
            event.prevent_default()
            event.stop()
            if action := _LETTERS.get(event.character or ""):
                await self.screen.run_action(action)
        else:
            await super().on_key(event)


class RowScreen(Question[None]):
    """`n` and `p` walk, a number and Enter go anywhere, Tab takes another file; the arrows scroll."""

    CSS_PATH = "dialogs.tcss"
    AUTO_FOCUS = "LineNumber"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Close", show=False),
        Binding("tab", "set(1)", show=False, priority=True),
        Binding("shift+tab", "set(-1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-12)", show=False),
        Binding("pagedown", "scroll(12)", show=False),
    ]

    def __init__(self, lens: RowLens, facts: DatasetFacts, config: Mapping[str, Any], set: str, line: int):
        """`config` is a native configuration; `line` counts from 1."""
        super().__init__()
        self._lens, self._config = lens, config
        self._files = {name: file for name in SETS if (file := set_facts(facts, name)) is not None and file.rows}
        self._wanted, self._shown, self._is_asking = (set, line), ("", 0), False
        self._sets = Segmented(tuple(self._files), set, id="sets")
        self._sets.can_focus = False
        self._number = LineNumber(str(line), compact=True, id="line", select_on_focus=True)
        self._of = Static("", id="of", markup=False)
        self._said, self._text = Words(id="said"), RowText(id="row-text")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-whole"):
            with Horizontal(id="row-head"):
                yield Static("Row", id="row-name", markup=False)
                yield self._number
                yield self._of
                yield self._sets
            yield self._said
            yield self._text
            legend = Words(id="legend")
            legend.show(LEGEND)
            yield legend
            yield Hints(
                ("n next", "step(1)"),
                ("p previous", "step(-1)"),
                ("Tab other file", "set(1)"),
                ("12 Enter: row 12", ""),
                ("Esc closes", "dismiss(None)"),
            )

    def on_mount(self) -> None:
        super().on_mount()
        self._go(*self._wanted)

    @property
    def _file(self) -> FileFacts:
        return self._files[self._wanted[0]]

    def _go(self, set: str, line: int) -> None:
        """Asks for a row, whatever was asked before."""
        self._wanted = set, max(1, min(self._files[set].rows, line))
        self._sets.value = set
        self._number.value = str(self._wanted[1])
        self._number.action_select_all()
        self._of.update(f"of {self._file.rows:,}")
        if not self._is_asking:
            self.run_worker(self._ask(), group="row")

    async def _ask(self) -> None:
        """Until the row is shown that is wanted last; those between are passed over."""
        self._is_asking = True
        try:
            while self._shown != self._wanted:
                wanted, file = self._wanted, self._file
                if not self._said.text:
                    self._said.show(Content.styled("reading the row …", "$text-accent"))
                view = await asyncio.to_thread(self._lens.view, file, wanted[1], self._config)
                raw = await asyncio.to_thread(read_line, file, wanted[1]) if isinstance(view, str) else b""
                self._shown = wanted
                self._show(file, view, raw)
        finally:
            self._is_asking = False

    def _show(self, file: FileFacts, view: RowView | str, raw: bytes | str) -> None:
        if isinstance(view, RowView):
            self._said.show(Content.styled(row_headline(file.path.name, view), "bold"))
            self._text.show(partial(token_lines, view))
            return
        bare = raw.decode(errors="replace")[:_RAW_SHOWN] if isinstance(raw, bytes) else ""
        self._said.show(Content.styled(f"▲ {printable(view)}", "$text-warning"))
        self._text.show(partial(text_lines, bare))

    @on(Input.Submitted)
    def _typed(self) -> None:
        self._go(self._wanted[0], int(self._number.value or self._wanted[1]))

    @on(Segmented.Changed)
    def _other_set(self, event: Segmented.Changed) -> None:
        self._go(event.value, self._wanted[1])

    def action_step(self, step: int) -> None:
        self._go(self._wanted[0], self._wanted[1] + step)

    def action_set(self, step: int) -> None:
        self._sets.action_choose(step)

    def action_scroll(self, lines: int) -> None:
        self._text.scroll_relative(y=lines, animate=False)
