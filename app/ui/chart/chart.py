"""A chart as a Textual widget: one picture per change, with the cursor laid over it line by line."""

import textwrap
from dataclasses import dataclass, replace

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from app.ui.chart.canvas import BELOW, GUTTER, Picture, Role
from app.ui.chart.readout import Text
from app.ui.chart.view import Extent, View

SMALLEST = Size(24, 6)
"""Below this only the readout is shown."""
ROOM_FOR_LEGEND = 8
"""Rows from which on the first one is the legend's."""
JUMP = 10
"""Cells that a big cursor step crosses."""


@dataclass(frozen=True)
class _Drawn:
    """What was drawn and from what; a picture whose key is still the same is still right."""

    key: tuple
    picture: Picture
    legend: Text | None


class Chart(Widget, can_focus=True):
    """Keys and mouse move the view. A subclass sets `_extent` and `_shown`, what there is to see and which of it, and
    says what the picture, its legend and the readout are.

    Set `placeholder` to the plain text wanted while there is nothing to see.
    """

    ROLES: dict[int, str] = {
        Role.BLANK: "chart--blank",
        Role.GRID: "chart--grid",
        Role.AXIS: "chart--axis",
        Role.BAD: "chart--bad",
        Role.CUT: "chart--cut",
        Role.READOUT: "chart--readout",
    }
    """The component class of every role that occurs."""
    COMPONENT_CLASSES = {*ROLES.values(), "chart--cursor"}

    DEFAULT_CSS = """
    Chart {
        height: 1fr;
        width: 1fr;
        & > .chart--blank { color: $foreground; }
        & > .chart--grid { color: $foreground 20%; }
        & > .chart--axis { color: $text-muted; }
        & > .chart--bad { color: $text-error; text-style: bold; }
        & > .chart--cut { color: $text-warning; text-style: bold; }
        & > .chart--readout { color: $foreground; text-style: bold; }
        & > .chart--cursor { color: $foreground; background: $foreground 15%; }
        &:ansi {
            & > .chart--grid { color: ansi_bright_black; }
            & > .chart--axis { color: ansi_default; }
            & > .chart--cursor { color: ansi_default; background: ansi_default; }
        }
    }
    """

    BINDINGS = [
        Binding("l", "toggle_log", "Log scale"),
        Binding("plus,equals_sign", "zoom(0.5)", "Zoom", key_display="+/-"),
        Binding("minus", "zoom(2)", "Zoom out", show=False),
        Binding("f,0", "fit", "Fit", show=False),
        Binding("w", "toggle_whole", "Whole run", show=False),
        Binding("left", "move(-1)", "Cursor left", show=False),
        Binding("right", "move(1)", "Cursor right", show=False),
        Binding("shift+left,left_square_bracket", f"move(-{JUMP})", "Cursor far left", show=False),
        Binding("shift+right,right_square_bracket", f"move({JUMP})", "Cursor far right", show=False),
        Binding("home", "first", "First iteration", show=False),
        Binding("end", "follow", "Follow the latest", show=False),
    ]

    def __init__(
        self, placeholder: str = "No losses yet", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._placeholder = placeholder
        self._extent: Extent | None = None
        self._shown: tuple = ()
        self._view = View()
        self._hover: int | None = None
        self._drawn: _Drawn | None = None

    @property
    def view(self) -> View:
        """What part of the run is shown, on which scale, and where the cursor is."""
        return self._view

    @view.setter
    def view(self, view: View) -> None:
        if (view, None) != (self._view, self._hover):
            self._view, self._hover = view, None  # a mouse left lying must not hide what the keys do
            self.refresh()

    @property
    def placeholder(self) -> str:
        return self._placeholder

    @placeholder.setter
    def placeholder(self, text: str) -> None:
        if text != self._placeholder:
            self._placeholder = text
            self.refresh()

    def _picture(self, window: tuple[float, float], width: int, height: int, log: bool) -> Picture:
        raise NotImplementedError

    def _legend(self, picture: Picture, width: int) -> Text:
        raise NotImplementedError

    def _readout(self, at: int | None, width: int) -> Text:
        """The figures at the cursor; None is at the latest."""
        raise NotImplementedError

    def action_toggle_log(self) -> None:
        self.view = replace(self._view, log=not self._view.log)

    def action_toggle_whole(self) -> None:
        """Between the iterations trained so far and all that are planned."""
        self.view = replace(self._view, whole=not self._view.whole, span=None)

    def action_zoom(self, factor: float) -> None:
        if self._extent:
            self.view = self._view.zoomed(factor, self._extent)

    def action_fit(self) -> None:
        self.view = replace(self._view, span=None)

    def action_move(self, cells: int) -> None:
        if self._extent:
            left, right = self._view.window(self._extent)
            across = max(self.size.width - GUTTER - 1, 1)
            self.view = self._view.moved(cells * (right - left) / across, self._extent)

    def action_first(self) -> None:
        if self._extent:
            self.view = self._view.placed(self._extent.first, self._extent)

    def action_follow(self) -> None:
        self.view = replace(self._view, cursor=None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover_at(self._iteration_under(event))

    def on_leave(self) -> None:
        self._hover_at(None)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_zoom(0.5)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_zoom(2)

    def on_click(self, event: events.Click) -> None:
        """Pins the cursor to an iteration; on the readout below the curve it follows the latest again."""
        place = event.get_content_offset(self)
        if place is not None and place.y == self.content_size.height - 1:
            self.action_follow()
            return
        iteration = self._iteration_under(event)
        if self._extent and iteration is not None:
            self.view = self._view.placed(iteration, self._extent)

    def _iteration_under(self, event: events.MouseEvent) -> int | None:
        place = event.get_content_offset(self)
        extent = self._extent
        if place is None or extent is None or self._drawn is None or place.x <= GUTTER:
            return None
        iteration = self._drawn.picture.iteration_at(place.x)
        return round(min(max(iteration, extent.first), extent.latest))

    def _hover_at(self, iteration: int | None) -> None:
        if iteration != self._hover:
            self._hover = iteration
            self.refresh()

    def render_line(self, y: int) -> Strip:
        size = self.content_size
        if self._extent is None:
            return self._text_line(self._placeholder_line(y, size), size.width)
        if size.width < SMALLEST.width or size.height < SMALLEST.height:
            return self._text_line(self._readout(self._cursor(), size.width) if y == 0 else [], size.width)
        drawn = self._draw(self._extent, size)
        top = 0 if drawn.legend is None else 1
        if y < top:
            return self._text_line(drawn.legend or [], size.width)
        if y == size.height - 1:
            return self._text_line(self._readout(self._cursor(), size.width), size.width)
        return self._picture_line(drawn.picture, y - top)

    def _draw(self, extent: Extent, size: Size) -> _Drawn:
        window = self._view.window(extent)
        key = (self._shown, size, window, self._view.log)
        if self._drawn is None or self._drawn.key != key:
            with_legend = size.height >= ROOM_FOR_LEGEND
            height = size.height - (2 if with_legend else 1)
            picture = self._picture(window, size.width, height, self._view.log)
            line = self._legend(picture, size.width) if with_legend else None
            self._drawn = _Drawn(key, picture, line)
        return self._drawn

    def _picture_line(self, picture: Picture, row: int) -> Strip:
        strip = Strip([Segment(text, self._style(role)) for text, role in picture.runs(row)])
        at = self._cursor()
        cell = None if at is None else picture.cell_of(at)
        plot_rows = picture.glyphs.shape[0] - BELOW
        if cell is None or row > plot_rows:
            return strip
        if row == plot_rows:
            return self._with_cell(strip, cell, "┴", self._style(Role.READOUT))
        under = int(picture.roles[row, cell])
        cursor = self.get_component_rich_style("chart--cursor")
        if under in (Role.BLANK, Role.GRID):
            return self._with_cell(strip, cell, "│", cursor)
        glyph = chr(picture.glyphs[row, cell])
        return self._with_cell(strip, cell, glyph, self._style(under) + Style(bgcolor=cursor.bgcolor))

    def _with_cell(self, strip: Strip, cell: int, glyph: str, style: Style) -> Strip:
        width = strip.cell_length
        return Strip.join([strip.crop(0, cell), Strip([Segment(glyph, style)]), strip.crop(cell + 1, width)])

    def _placeholder_line(self, y: int, size: Size) -> Text:
        printable = "".join(c if c.isprintable() else " " for c in self._placeholder)
        lines = textwrap.wrap(printable, max(size.width - 2, 1)) or [""]
        row = y - max((size.height - len(lines)) // 2, 0)
        return [(lines[row].center(size.width), Role.AXIS)] if 0 <= row < len(lines) else []

    def _text_line(self, text: Text, width: int) -> Strip:
        strip = Strip([Segment(part, self._style(role)) for part, role in text])
        return strip.adjust_cell_length(width, self._style(Role.BLANK))

    def _style(self, role: int) -> Style:
        return self.get_component_rich_style(self.ROLES[role])

    def _cursor(self) -> int | None:
        return self._view.cursor if self._hover is None else self._hover
