"""The y axis of a chart: which losses it shows, and on which dot row each of them lies."""

from dataclasses import dataclass

import numpy as np

from app.ui.chart import axis

OUTLYING = 5
"""The top is cut when few values would squeeze all others into less than this part of the height: 1 in 5."""
USUAL = 0.99
"""The share of values that are not few, in that rule."""
NEAR = 1.5
"""A cut leaves this many times the height of the usual values: what is little above them stays."""
HUGE = 1e100
"""Losses beyond it are off the scale, so that no difference or quotient of two on it overflows."""


@dataclass(frozen=True)
class Scale:
    """The y axis: losses from `bottom` to `top` spread over `down` dot rows."""

    bottom: float
    top: float
    log: bool
    down: int

    @staticmethod
    def around(values: np.ndarray, log: bool, down: int) -> "Scale | None":
        """The axis for these values, None if none is finite. Log falls back to linear if none is positive."""
        drawable = values[np.abs(values) < HUGE]
        log = log and bool((drawable > 1 / HUGE).any())
        shown = drawable[drawable > 1 / HUGE] if log else drawable
        if not len(shown):
            return None
        bottom, top = axis.bounds(float(shown.min()), _sensible_top(shown, log), log)
        return Scale(bottom, top, log, down)

    def rows(self, losses: np.ndarray) -> np.ndarray:
        """Dot rows from the top, of losses. Held close to the plot, as an infinite row cannot be averaged."""
        full = np.log10(self.top / self.bottom) if self.log else self.top - self.bottom
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            height = np.log10(losses / self.bottom) if self.log else losses - self.bottom
            rows = (1 - height / full) * (self.down - 1)
        return np.clip(rows, -4.0 * self.down, 4.0 * self.down)

    def ticks(self, count: int) -> list[float]:
        return (axis.log_ticks if self.log else axis.linear_ticks)(self.bottom, self.top, count)


def _sensible_top(values: np.ndarray, log: bool) -> float:
    """The highest value, or, when a few outliers would flatten everything else, the highest without them."""
    heights = np.log10(values) if log else values
    low, usual, high = heights.min(), np.quantile(heights, USUAL), heights.max()
    outlying = high - low > OUTLYING * (usual - low)
    return float(values[heights <= low + NEAR * (usual - low)].max() if outlying else values.max())
