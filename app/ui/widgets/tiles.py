"""The run's figures as tiles: a label over a value, as many in a row as fit."""

from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

TILE_WIDTH = 16


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
        return 2 * -(-len(self._tiles) // self._in_a_row(width))

    def render(self) -> Content:
        width = self._in_a_row(self.content_size.width)
        lines = []
        for start in range(0, len(self._tiles), width):
            row = self._tiles[start : start + width]
            lines.append(Content.join(Content(""), (_cell(tile.label, "$text-muted") for tile in row)))
            lines.append(Content.join(Content(""), (_cell(tile.value, "bold") for tile in row)))
        return Content("\n").join(lines)

    @staticmethod
    def _in_a_row(width: int) -> int:
        return max(1, width // TILE_WIDTH)


def _cell(text: str, style: str) -> Content:
    return Content.styled(text[: TILE_WIDTH - 1].ljust(TILE_WIDTH), style)
