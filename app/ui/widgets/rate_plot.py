"""The plot of the learning rate. Importing it loads numpy, so whoever needs it does so when it is opened."""

import math

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from app.config.rate import Course
from app.ui.chart.canvas import GUTTER, Picture, Role
from app.ui.chart.rate_picture import draw_rate

SMALLEST = Size(24, 5)
"""Below this nothing is drawn."""


class RatePlot(Widget):
    class Pointed(Message):
        """The mouse came to an iteration; None when it has left."""

        def __init__(self, iteration: int | None):
            super().__init__()
            self.iteration = iteration

    COMPONENT_CLASSES = {f"rate-plot--{name}" for name in ("blank", "grid", "axis", "reports", "smoothed", "best")}
    DEFAULT_CSS = """
    RatePlot {
        height: 1fr;
        & > .rate-plot--grid { color: $foreground 20%; }
        & > .rate-plot--axis { color: $text-muted; }
        & > .rate-plot--reports { color: $text-warning; }
        & > .rate-plot--smoothed { color: $text-primary; text-style: bold; }
        & > .rate-plot--best { color: $text-success; text-style: bold; }
        &:ansi {
            & > .rate-plot--grid { color: ansi_bright_black; }
            & > .rate-plot--axis { color: ansi_default; }
        }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="plot")
        self._course: Course | None = None
        self._iters, self._warmup = 0, 0
        self._drawn: tuple[Size, Picture] | None = None

    def show(self, course: Course | None, iters: int, warmup: int) -> None:
        """None shows nothing: the numbers are not whole."""
        self._course, self._iters, self._warmup, self._drawn = course, iters, warmup, None
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        place = event.get_content_offset(self)
        if self._drawn is not None and place is not None and place.x > GUTTER:
            iteration = math.floor(self._drawn[1].iteration_at(place.x)) + 1
            self.post_message(self.Pointed(min(max(iteration, 1), self._iters)))

    def on_leave(self) -> None:
        self.post_message(self.Pointed(None))

    def render_line(self, y: int) -> Strip:
        size = self.content_size
        if self._course is None or size.width < SMALLEST.width or size.height < SMALLEST.height:
            return Strip.blank(size.width, self.rich_style)
        if self._drawn is None or self._drawn[0] != size:
            picture = draw_rate(self._course, self._iters, self._warmup, size.width, size.height)
            self._drawn = (size, picture)
        runs = self._drawn[1].runs(y)
        return Strip(
            [
                Segment(text, self.get_component_rich_style(f"rate-plot--{Role(role).name.lower()}"))
                for text, role in runs
            ]
        )
