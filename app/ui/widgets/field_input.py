"""The one line in which every text and number of a form is typed."""

from textual import events
from textual.message import Message

from app.ui.row import Row
from app.ui.suggesters import ModelSuggester, PathSuggester
from app.ui.widgets.line_input import LineInput

_STEPS = {"less_than_sign": -1, "greater_than_sign": 1}
"""Keys that no number holds, so that they are free to step it in any terminal."""


class FieldInput(LineInput):
    class Stepped(Message):
        """`<` or `>` on a number."""

        def __init__(self, direction: int):
            super().__init__()
            self.direction = direction

    def __init__(self) -> None:
        super().__init__("", compact=True, select_on_focus=False, classes="editor")
        self.cursor_blink = False  # a blinking cursor paints twice a second, for ever
        self._is_number = False
        self._paths = PathSuggester((".safetensors",))
        self._suggesters = {"model": ModelSuggester(_model_names), "data": self._paths}

    def suit(self, row: Row) -> None:
        """Makes it fit for the field that it comes to."""
        self.placeholder = row.placeholder
        self._is_number = row.is_number
        self.suggester = self._suggesters.get(row.key) or (self._paths if row.is_path else None)

    def arrive(self) -> None:
        """All of it is selected: typing replaces it, an arrow goes on with it. The same for texts and numbers."""
        self.select_all()

    async def on_key(self, event: events.Key) -> None:
        if self._is_number and event.key in _STEPS:
            event.stop()
            event.prevent_default()  # else Textual goes on to the handlers of the classes above, as it does otherwise
            self.post_message(self.Stepped(_STEPS[event.key]))


def _model_names() -> list[str]:
    from app.models.cache import cached_models

    return [model.name for model in cached_models()]
