"""Where a path is typed, pasted or dropped."""

from textual import events

from app.ui.suggesters import PathSuggester
from app.ui.widgets.line_input import LineInput


class PathInput(LineInput):
    """What is pasted, as a dropped file is, is taken at once."""

    def __init__(self) -> None:
        suggester = PathSuggester((".yaml", ".yml"))
        super().__init__("", id="path", compact=True, suggester=suggester, placeholder="paste, drop or type a path")
        self.cursor_blink = False

    async def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.value = event.text.strip().partition("\n")[0]
        if self.value:  # nothing must not choose what the list stands on
            await self.action_submit()
