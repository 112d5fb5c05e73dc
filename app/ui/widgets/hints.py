"""What the keys of a dialog do, each a mouse target."""

from textual import events
from textual.content import Content
from textual.widget import Widget

GAP = " · "


class Hints(Widget):
    """`hints` are words, and the action of the screen that they name; empty where there is nothing to click."""

    DEFAULT_CSS = "Hints { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *hints: tuple[str, str]):
        super().__init__(id="hint")
        self._hints = hints

    def render(self) -> Content:
        return Content(GAP.join(words for words, _ in self._hints))

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        left = 0
        for words, action in self._hints:
            if left <= event.x < left + len(words) and action:
                await self.screen.run_action(action)
                return
            left += len(words) + len(GAP)
