"""Texts of any length in a place of its own: no change of them moves another widget."""

from textual import events
from textual.content import Content

from app.ui.widgets.drawn_lines import DrawnLines


class Panel(DrawnLines):
    """Wraps at its width; the wheel scrolls. Where there is more than fits, its last line says so."""

    DEFAULT_CSS = "Panel { height: 1fr; }"

    def __init__(self, more: str, *, id: str | None = None):
        """`more` ends the line that says how much more there is."""
        super().__init__(id=id)
        self._more = more
        self._parts: tuple[Content, ...] = ()
        self._wrapped: dict[int, tuple[Content, list[Content]]] = {}
        """Lines of each part, for most parts stay as they are at a keystroke."""
        self._top = 0

    @property
    def text(self) -> str:
        return "\n\n".join(part.plain for part in self._parts)

    def show(self, *parts: Content) -> None:
        """The parts, with a free line between them; empty ones are left out."""
        parts = tuple(part for part in parts if part.plain)
        self._parts = parts
        self._wrap()

    def on_resize(self) -> None:
        self._wrapped.clear()
        self._wrap()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._top += 3
        self._wrap()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._top -= 3
        self._wrap()

    def _wrap(self) -> None:
        self.draw(self._visible())

    def _visible(self) -> list[Content]:
        height = self.size.height
        if not self.size.width or not height:
            return []
        lines: list[Content] = []
        for at, part in enumerate(self._parts):
            if at not in self._wrapped or not self._wrapped[at][0].is_same(part):
                self._wrapped[at] = (part, part.wrap(self.size.width))
            lines += [Content(""), *self._wrapped[at][1]] if at else self._wrapped[at][1]
        self._top = max(0, min(self._top, len(lines) - height))
        shown = lines[self._top : self._top + height]
        if self._top + height < len(lines):
            more = len(lines) - self._top - height + 1
            shown[-1] = Content.styled(f"… {more} more lines: {self._more}", "$text-muted")
        return shown
