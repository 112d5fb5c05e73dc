"""What a terminal too small for a screen shows instead of scraps."""

from textual import events
from textual.content import Content
from textual.widget import Widget


class TooSmall(Widget, can_focus=True):
    """Covers the screen, and takes the keys: what they did could not be seen."""

    DEFAULT_CSS = """
    TooSmall {
        layer: over; position: absolute; width: 100%; height: 100%;
        background: $background; color: $foreground; content-align: center middle; text-align: center;
    }
    """

    def __init__(self, smallest: tuple[int, int]):
        super().__init__(id="too-small")
        self._smallest = smallest

    def on_mount(self) -> None:
        self.focus()

    def on_key(self, event: events.Key) -> None:
        event.stop()

    def render(self) -> Content:
        width, height = self._smallest
        return Content(f"This terminal is too small:\nTunedeck needs {width} columns and {height} lines.")
