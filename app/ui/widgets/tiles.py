"""The run's figures as tiles: a label over a value, as many in a row as fit."""

from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

NARROWEST = 13
"""Cells that a tile needs for `4.223 @1,200` and a space."""


@dataclass(frozen=True)
class Tile:
    label: str
    value: str


class Tiles(Widget):
    DEFAULT_CSS = "Tiles { height: auto; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="tiles")
        self._tiles: tuple[Tile, ...] = ()

    def show(self, tiles: tuple[Tile, ...]) -> None:
        if tiles != self._tiles:
            resized = len(tiles) != len(self._tiles)
            self._tiles = tiles
            self.refresh(layout=resized)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 2 * self._rows(width)

    def render(self) -> Content:
        width = self.content_size.width
        in_a_row = -(-len(self._tiles) // max(1, self._rows(width)))
        cell = width // max(1, in_a_row)
        lines = []
        for start in range(0, len(self._tiles), in_a_row or 1):
            row = self._tiles[start : start + in_a_row]
            lines.append(Content("").join(_cell(tile.label, "$text-muted", cell) for tile in row))
            lines.append(Content("").join(_cell(tile.value, "bold", cell) for tile in row))
        return Content("\n").join(lines)

    def _rows(self, width: int) -> int:
        return -(-len(self._tiles) // max(1, width // NARROWEST))


def _cell(text: str, style: str, width: int) -> Content:
    return Content.styled(text[: width - 1].ljust(width), style)
