"""A text to read and close again."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints


class Read(Question[None]):
    """Arrows scroll; Escape, Enter, `q` and the keys that open such texts close it."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape,q,enter,i,f1,ctrl+f", "dismiss", "Close", show=False)]

    def __init__(self, title: str, text: Content):
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog"):
            yield Static(self._heading, id="question", markup=False)
            yield Hints(("Esc closes", "dismiss"))
            yield Static(self._text, markup=False)
