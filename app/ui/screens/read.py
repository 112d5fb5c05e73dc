"""A text to read and close again."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints

READ_AROUND = 6
"""Cells of a line that border, padding and scroll bar take."""


class Read(Question[None]):
    """Arrows scroll; Escape, Enter, `q` and the keys that open such texts close it."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape,q,enter,i,f1,ctrl+f", "dismiss", "Close", show=False)]

    def __init__(self, title: str, text: Content, is_wide: bool = False):
        """`is_wide` takes the width of the terminal, for a table; prose is read more easily in shorter lines."""
        super().__init__()
        self._is_wide = is_wide
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog", classes="-wide" if self._is_wide else ""):
            yield Static(self._heading, id="question", markup=False)
            yield Hints(("Esc closes", "dismiss"))
            yield Static(self._text, markup=False)
