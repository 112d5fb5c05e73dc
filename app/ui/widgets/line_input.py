"""Textual's Input, made safe for any text and for keys that come in a burst."""

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Input

from app.wire.text import pictured

_ACTIONS = {binding.key: binding.action for binding in Binding.make_bindings(Input.BINDINGS)}


class LineInput(Input):
    """Shows control characters as pictures and takes keys in the order they were typed.

    A plain Input writes its value to the terminal escapes and all. It also inserts letters at once, but runs
    Backspace and Enter only when they have bubbled up to the app: after letters typed behind them.
    """

    takes_letters = True
    """Whether letters are text rather than commands while it has the focus."""
    virtual_size = reactive(Size(0, 0), layout=False)
    """Its width is fixed, so a letter need not lay the whole screen out anew, as a plain Input has it."""

    def __init__(self, value: str, **options):
        super().__init__(value, highlighter=_Pictured(), **options)

    async def on_key(self, event: events.Key) -> None:
        if action := _ACTIONS.get(event.key):
            event.stop()
            await self.run_action(action)


class _Pictured(Highlighter):
    def highlight(self, text: Text) -> None:
        text.plain = pictured(text.plain)
