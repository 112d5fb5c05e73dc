"""Lines of text drawn one by one: of a change only the lines that differ are painted again."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


class DrawnLines(Widget):
    def __init__(self, *, id: str | None = None, classes: str | None = None):
        super().__init__(id=id, classes=classes)
        self._drawn: Sequence[Content] = ()

    def draw(self, lines: Sequence[Content]) -> None:
        """What stands in the widget from its top on; each is one line, cut at the widget's width."""
        before, self._drawn = self._drawn, lines
        for y in range(max(len(before), len(lines))):
            # Content's own equality is of the text alone.
            if y >= len(before) or y >= len(lines) or not before[y].is_same(lines[y]):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._drawn):
            return Strip.blank(width, self.rich_style)
        [strip] = Visual.to_strips(self, self._drawn[y], width, 1, self.visual_style, pad=True)
        return strip
