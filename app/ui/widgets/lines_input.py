"""The text of several lines in which a structure of a form is typed."""

from textual import events
from textual.message import Message
from textual.widgets import TextArea


class LinesInput(TextArea):
    """Enter begins a line. In a field that has an editor of its own it opens that, until something is typed here."""

    takes_letters = True

    class Submitted(Message):
        """Enter, where it begins no line."""

    def __init__(self) -> None:
        super().__init__(compact=True, tab_behavior="focus", placeholder="none", classes="editor")
        self.has_editor = False
        self._written = ""

    def write(self, text: str) -> None:
        """Shows a text that was not typed here."""
        with self.prevent(TextArea.Changed):
            self.text = text
        self._written = self.text

    async def on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self.has_editor and self.text == self._written:
            event.stop()
            event.prevent_default()  # else Textual goes on to the handler of the class above
            self.post_message(self.Submitted())
