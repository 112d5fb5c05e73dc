"""Text in an Input that may hold control characters."""

from rich.highlighter import Highlighter
from rich.text import Text

from app.wire.text import pictured


class Pictured(Highlighter):
    """For the `highlighter` of an Input, which else writes its value to the terminal escapes and all."""

    def highlight(self, text: Text) -> None:
        text.plain = pictured(text.plain)
