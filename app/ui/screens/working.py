"""Something that takes seconds or minutes, with what it does now; it can be given up."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints
from app.wire.text import printable


class Working(Question[None]):
    """Closed by whoever opened it. Escape and a click beside it call `give_up` once."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape,q", "give_up", "Cancel", show=False)]

    def __init__(self, title: str, give_up: Callable[[], None]):
        super().__init__()
        self._title, self._give_up = title, give_up
        self._now = Static("beginning …", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(printable(self._title), id="question", markup=False)
            yield self._now
            yield Hints(("Esc gives it up", "give_up"))

    def say(self, words: str) -> None:
        self._now.update(printable(words))

    def action_give_up(self) -> None:
        self.say("stopping …")
        self._give_up()
