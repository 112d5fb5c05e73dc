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
    """A series that only grows, in attempts: a resumed run goes back to its checkpoint and on from there.

    Within an attempt x never falls. The envelope holds every attempt; asked for one value, the latest wins.
    No numpy view of the series outlives a method, for an array with a view on it cannot grow.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._seen = 0
        self._starts = [0]
        self._bad = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._series)

    @property
    def bad(self) -> int:
        """How many values are NaN or infinite."""
        self._look_at_new_points()
        return len(self._bad)

    def reach(self) -> tuple[float, float]:
        """The lowest and highest x of a series that is not empty."""
        x = self._series.x
        attempts = self._attempts()
        return min(x[first] for first, _ in attempts), max(x[last - 1] for _, last in attempts)

    def newest(self) -> float:
        """The x of the point that came last."""
        return self._series.x[-1]

    def nearest(self, at: float) -> tuple[float, float] | None:
        """The point closest to x = `at`, of the latest attempt that covers it; None of an empty series."""
        x, y = self._series.x, self._series.y
        if not x:
            return None
        attempts = self._attempts()
        first, last = next((a for a in reversed(attempts) if x[a[0]] <= at <= x[a[1] - 1]), attempts[-1])
        after = min(bisect_left(x, at, first, last), last - 1)
        before = max(after - 1, first)
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
        bad = np.zeros(columns, dtype=np.int64)
        _, y = self._views()
        for cuts in self._cuts(edges):
            bad += np.diff(np.searchsorted(self._bad, cuts))
            filled = np.flatnonzero(cuts[:-1] < cuts[1:])
            if len(filled):
                lows, highs = _extremes(y[: cuts[-1]], cuts[filled])
                low[filled] = np.fmin(low[filled], lows)
                high[filled] = np.fmax(high[filled], highs)
        return Envelope(low, high, bad)

    def line(self, at: np.ndarray) -> np.ndarray:
        """The series at x = `at`, straight between neighbours; NaN outside and beside values not finite."""
        result = np.full(len(at), np.nan)
        x, y = self._views()
        for first, last in self._attempts():
            with np.errstate(invalid="ignore"):
                values = np.interp(at, x[first:last], y[first:last], left=np.nan, right=np.nan)
            result = np.where(np.isfinite(values), values, result)
        return result

    def held(self, at: np.ndarray) -> np.ndarray:
        """The series at x = `at`, each value held back to the point before it, as the mean of a window is."""
        result = np.full(len(at), np.nan)
        x, y = self._views()
        for first, last in self._attempts():
            place = np.searchsorted(x[first:last], at)
            inside = (place < last - first) & ((place > 0) | (first == 0))
            result[inside] = y[first:last][place[inside]]
        result[~np.isfinite(result)] = np.nan
        return result

    def _views(self) -> tuple[np.ndarray, np.ndarray]:
        if not len(self._series):
            return np.empty(0), np.empty(0)
        return np.frombuffer(self._series.x), np.frombuffer(self._series.y)

    def _attempts(self) -> list[tuple[int, int]]:
        self._look_at_new_points()
        return list(zip(self._starts, [*self._starts[1:], self._seen], strict=True)) if self._seen else []

    def _cuts(self, edges: np.ndarray) -> list[np.ndarray]:
        """Per attempt, the positions in the series where its columns begin, and where the last one ends."""
        x, _ = self._views()
        return [first + np.searchsorted(x[first:last], edges) for first, last in self._attempts()]

    def _look_at_new_points(self) -> None:
        new = slice(self._seen, len(self._series))
        if new.start == new.stop:
            return
        x, y = self._views()
        back = np.flatnonzero(np.diff(x[max(new.start - 1, 0) : new.stop]) < 0)
        self._starts += (back + max(new.start, 1)).tolist()
        bad = np.flatnonzero(~np.isfinite(y[new]))
        if len(bad):
            self._bad = np.append(self._bad, bad + new.start)
        self._seen = new.stop


def _extremes(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest finite value from each of `starts` to the next."""
    lows, highs = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    if np.isinf(lows).any() or np.isinf(highs).any():
        finite = np.where(np.isfinite(values), values, np.nan)
        lows, highs = np.fmin.reduceat(finite, starts), np.fmax.reduceat(finite, starts)
    return lows, highs
