"""The smoothed loss: an exponential moving average, as training dashboards draw it."""

import math

SMOOTHING = 0.95
"""Weight of the past, as is usual on training dashboards."""


class Smoothing:
    """A loss that is not finite is passed over: it must not poison the average for good."""

    def __init__(self) -> None:
        self._average = 0.0
        self._weight = 0.0

    def add(self, loss: float) -> float:
        """The average with this loss, corrected for its beginning at 0; the loss itself where none was finite yet."""
        if math.isfinite(loss):
            self._average = SMOOTHING * self._average + (1 - SMOOTHING) * loss
            self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)
        return self._average / self._weight if self._weight else loss
