"""Lines of pieces, however many: only those that are seen are drawn."""

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from app.ui.row_drawing import Pieces


class RowText(ScrollView, can_focus=False):
    """Scrolled by the wheel, its bar, and whoever holds it."""

    DEFAULT_CSS = "RowText { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }"

    def __init__(self, *, id: str | None = None):
        super().__init__(id=id)
        self._make: Callable[[int], Sequence[Pieces]] = lambda width: ()
        self._lines: Sequence[Pieces] = ()

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, make: Callable[[int], Sequence[Pieces]]) -> None:
        """`make` gives the lines for a width in cells."""
        self._make = make
        self._fill()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._fill()

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        width = self.scrollable_content_region.width
        if not 0 <= y < len(self._lines) or not width:
            return Strip.blank(width, self.rich_style)
        line = Content.assemble(*self._lines[y])
        [strip] = Visual.to_strips(self, line, width, 1, self.visual_style, pad=True)
        return strip

    def _fill(self) -> None:
        width = self.size.width - 1  # of the scrollbar, which comes and goes with the lines
        self._lines = self._make(width) if width > 0 else ()
        self.virtual_size = Size(max(0, width), len(self._lines))
        self.refresh()
