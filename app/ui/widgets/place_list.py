"""The places on the left, each with a mark: edited, or in need of mending."""

from collections.abc import Mapping

from textual.content import Content

from app.ui.places import LAST_OF_BLOCK, PLACES
from app.ui.widgets.line_list import Line, LineList

NEEDS_MENDING, EDITED = "✗", "●"
_STYLES = {NEEDS_MENDING: "$text-error bold", EDITED: "$text-accent"}


class PlaceList(LineList):
    """Enter or a click goes there."""

    def __init__(self) -> None:
        super().__init__(id="places")
        self._current = ""
        self._marks: dict[str, str] = {}
        self.show_marks({})

    def show_current(self, place: str) -> None:
        self._current = place
        self._draw(place)

    def show_marks(self, marks: Mapping[str, str]) -> None:
        if marks != self._marks or not self._lines:
            self._marks = dict(marks)
            self._draw(self.chosen)

    def on_resize(self) -> None:
        self._draw(self.chosen)

    def _draw(self, cursor: str | None) -> None:
        """Free lines between the blocks go first where the list is not high enough."""
        lines, has_room = [], self.size.height >= len(PLACES) + len(LAST_OF_BLOCK)
        for place in PLACES:
            mark, here = self._marks.get(place.id, " "), place.id == self._current
            bar = ("▌", "$text-accent") if here else " "
            label = (place.label, "bold" if here else "")
            lines.append(Line(place.id, Content.assemble(bar, (mark, _STYLES.get(mark, "")), " ", label)))
            if place.id in LAST_OF_BLOCK and has_room:
                lines.append(Line(None, Content("")))
        self.show(lines, cursor)
