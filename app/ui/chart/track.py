"""A growing series as a chart reads it: reduced to one figure per column, whatever its length."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from app.runs.history import Series


@dataclass(frozen=True)
class Envelope:
    """Per column: the lowest and highest finite value (NaN where none), and how many were not finite."""

    low: np.ndarray
    high: np.ndarray
    bad: np.ndarray


class Track:
    """No numpy view of the series outlives a method, for an array with a view on it cannot grow."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._changed = series.changed
        self._seen = 0
        self._bad = np.empty(0, dtype=np.int64)
        """Where values are not finite, among those seen."""

    def __len__(self) -> int:
        return len(self._series)

    @property
    def bad(self) -> int:
        """How many values are NaN or infinite."""
        self._look_at_new_points()
        return len(self._bad)

    def reach(self) -> tuple[float, float]:
        """The lowest and highest x of a series that is not empty."""
        return self._series.x[0], self._series.x[-1]

    def nearest(self, at: float) -> tuple[float, float] | None:
        """The point closest to x = `at`, the later of two; None of an empty series."""
        x, y = self._series.x, self._series.y
        if not x:
            return None
        after = min(bisect_left(x, at), len(x) - 1)
        before = max(after - 1, 0)
        index = before if at - x[before] < x[after] - at else after
        return x[index], y[index]

    def lowest(self) -> tuple[float, float] | None:
        """The point with the lowest finite value, the first of equals; None if there is none."""
        x, y = self._views()
        finite = np.where(np.isfinite(y), y, np.inf)
        index = int(finite.argmin()) if len(y) else 0
        return (float(x[index]), float(y[index])) if len(y) and np.isfinite(finite[index]) else None

    def between(self, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """The points with `low` <= x <= `high`, copied. For series of few points."""
        x, y = self._views()
        inside = (x >= low) & (x <= high)
        return x[inside], y[inside]

    def envelope(self, edges: np.ndarray) -> Envelope:
        """Reduced to the columns between neighbouring `edges`, each open on its right."""
        columns = len(edges) - 1
        low, high = np.full(columns, np.nan), np.full(columns, np.nan)
        self._look_at_new_points()
        x, y = self._views()
        cuts = np.searchsorted(x, edges)
        filled = np.flatnonzero(cuts[:-1] < cuts[1:])
        if len(filled):
            low[filled], high[filled] = _extremes(y[: cuts[-1]], cuts[filled])
        return Envelope(low, high, np.diff(np.searchsorted(self._bad, cuts)))

    def line(self, at: np.ndarray) -> np.ndarray:
        """The series at x = `at`, straight between neighbours; NaN outside and beside values not finite."""
        x, y = self._views()
        if not len(x):
            return np.full(len(at), np.nan)
        with np.errstate(invalid="ignore"):
            values = np.interp(at, x, y, left=np.nan, right=np.nan)
        return np.where(np.isfinite(values), values, np.nan)

    def held(self, at: np.ndarray) -> np.ndarray:
        """The series at x = `at`, each value held back to the point before it, as the mean of a window is."""
        result = np.full(len(at), np.nan)
        x, y = self._views()
        place = np.searchsorted(x, at)
        inside = place < len(x)
        result[inside] = y[place[inside]]
        result[~np.isfinite(result)] = np.nan
        return result

    def _views(self) -> tuple[np.ndarray, np.ndarray]:
        if not len(self._series):
            return np.empty(0), np.empty(0)
        return np.frombuffer(self._series.x), np.frombuffer(self._series.y)

    def _look_at_new_points(self) -> None:
        if self._changed != self._series.changed:
            self._changed, self._seen, self._bad = self._series.changed, 0, np.empty(0, dtype=np.int64)
        if self._seen < len(self._series):
            _, y = self._views()
            bad = np.flatnonzero(~np.isfinite(y[self._seen :]))
            self._bad = np.append(self._bad, bad + self._seen) if len(bad) else self._bad
            self._seen = len(y)


def _extremes(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest finite value from each of `starts` to the next."""
    lows, highs = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    if np.isinf(lows).any() or np.isinf(highs).any():
        finite = np.where(np.isfinite(values), values, np.nan)
        lows, highs = np.fmin.reduceat(finite, starts), np.fmax.reduceat(finite, starts)
    return lows, highs
