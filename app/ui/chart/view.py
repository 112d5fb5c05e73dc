"""Which part of a run a chart shows, and where its cursor stands: plain values that keys turn into others."""

from dataclasses import dataclass, replace

SHORTEST = 10.0
"""Iterations across the chart at the deepest zoom, and before that many were trained."""


@dataclass(frozen=True)
class Extent:
    """What there is to show: `first` and `latest` iteration with data, and `iters`, the run's last one."""

    first: float
    latest: float
    iters: int


@dataclass(frozen=True)
class View:
    """`cursor` is an iteration, None follows the latest. `span` is how many iterations are across, None all.

    `start` is the left edge while `span` and `cursor` are set. `whole` shows the axis up to the run's end.
    """

    log: bool = False
    whole: bool = False
    cursor: int | None = None
    span: float | None = None
    start: float = 0.0

    def window(self, extent: Extent) -> tuple[float, float]:
        """The iterations at the left and right edge."""
        low, high = _all(extent, self.whole)
        if self.span is None or self.span >= high - low:
            return low, high
        if self.cursor is None:
            right = max(extent.latest, low + self.span)
            return right - self.span, right
        left = min(max(self.start, low), high - self.span)
        return left, left + self.span

    def zoomed(self, factor: float, extent: Extent) -> "View":
        """Closer (`factor` below 1) or farther, the cursor staying where it is on the screen."""
        left, right = self.window(extent)
        low, high = _all(extent, self.whole)
        span = max((right - left) * factor, SHORTEST)
        if span >= high - low:
            return replace(self, span=None)
        focus = extent.latest if self.cursor is None else self.cursor
        start = focus - (focus - left) * span / (right - left)
        return replace(self, span=span, start=start)

    def moved(self, by: float, extent: Extent) -> "View":
        """The cursor moved `by` iterations, at least one, kept on the data; the window follows it."""
        at = extent.latest if self.cursor is None else self.cursor
        whole = max(1, round(abs(by)))
        return self.placed(at + (whole if by > 0 else -whole), extent)

    def placed(self, iteration: float, extent: Extent) -> "View":
        """The cursor at an iteration, or at the nearest one with data."""
        left, right = self.window(extent)
        cursor = round(min(max(iteration, extent.first), extent.latest))
        start = min(max(left, cursor - (right - left)), cursor)
        return replace(self, cursor=cursor, start=start)


def _all(extent: Extent, whole: bool) -> tuple[float, float]:
    # The first step is the interval that ends in iteration 1, so the axis begins one before it.
    low = max(extent.first - 1, 0.0)
    return low, max(extent.iters if whole else extent.latest, extent.latest, low + SHORTEST)
