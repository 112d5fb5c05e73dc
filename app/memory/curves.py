"""A structure's peak at every batch and width at once, so that a keystroke's answer needs no replay.

At each position of the evaluation the live bytes are a polynomial: of degree 2 in the width (attention scores), linear
in the batch. The peak is the largest of the positions; one curve through a few peaks instead would be up to 30 % off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.memory.family import Point

MOST_BATCH, MOST_WIDTH = 64, 131_073
"""Up to which positions are kept that might ever be the largest."""

VALIDATE = "validate"
"""The phase of a tape that only validates."""

Coefficients = tuple[float, ...]
"""Of 1, width and width squared; behind them the same three once more, times the batch."""


@dataclass(frozen=True)
class Position:
    """One that is the largest somewhere: of which phase, and its bytes by holder."""

    phase: str
    holders: Mapping[str, Coefficients]

    @property
    def total(self) -> Coefficients:
        """Of all holders together."""
        return tuple(map(sum, zip(*self.holders.values(), strict=True)))

    def bytes_at(self, point: Point) -> int:
        return round(_value(self.total, _terms(point)))

    def parts_at(self, point: Point) -> dict[str, int]:
        terms = _terms(point)
        found = {name: _value(coefficients, terms) for name, coefficients in self.holders.items()}
        return {name: round(bytes) for name, bytes in found.items() if bytes >= 1}


@dataclass(frozen=True)
class Curves:
    """Valid for a batch of 1 when `single`, else for all from 2."""

    positions: tuple[Position, ...]
    single: bool

    def serves(self, batch: int) -> bool:
        return (batch == 1) == self.single

    def largest_at(self, point: Point, validation: Point | None = None) -> tuple[Position, Point]:
        """The largest position, and the point at which it is: that of `validation` for the positions of validating."""
        places = (
            (position, validation if validation and position.phase == VALIDATE else point)
            for position in self.positions
        )
        return max(places, key=lambda place: place[0].bytes_at(place[1]))


def corners(base: Point) -> tuple[Point, ...]:
    """The points to replay for curves: three widths, and two batches unless it is 1."""
    batches = (1,) if base.batch == 1 else (2, 3)
    return tuple(Point(batch, width) for batch in batches for width in (129, 513, 2049))


def fit(corners: Sequence[Point], values: Sequence[float]) -> Coefficients:
    """The polynomial through values at the corners, in their order."""
    rows = [_quadratic(corners[at : at + 3], values[at : at + 3]) for at in range(0, len(corners), 3)]
    if len(rows) == 1:
        return (*rows[0], 0.0, 0.0, 0.0)
    low, high = corners[0].batch, corners[3].batch
    slopes = [(b - a) / (high - low) for a, b in zip(*rows, strict=True)]
    return (*(a - low * slope for a, slope in zip(rows[0], slopes, strict=True)), *slopes)


def ever_largest(lives: Sequence[Coefficients], single: bool) -> list[int]:
    """The positions that are the largest anywhere on a grid of points."""
    batches = (1,) if single else (2, 3, 4, 6, 8, 16, 32, MOST_BATCH)
    found: dict[int, None] = {}
    for point in (Point(batch, width) for batch in batches for width in _widths()):
        terms = _terms(point)
        found[max(range(len(lives)), key=lambda at: _value(lives[at], terms))] = None
    return list(found)


def _widths() -> Iterable[int]:
    width = 2
    while width < MOST_WIDTH:
        yield width
        width = max(width + 8, width * 5 // 4)
    yield MOST_WIDTH


def _terms(point: Point) -> Coefficients:
    width, batch = point.width, point.batch
    return (1, width, width * width, batch, batch * width, batch * width * width)


def _value(coefficients: Coefficients, terms: Coefficients) -> float:
    return sum(a * b for a, b in zip(coefficients, terms, strict=True))


def _quadratic(points: Sequence[Point], values: Sequence[float]) -> Coefficients:
    (x0, y0), (x1, y1), (x2, y2) = ((point.width, value) for point, value in zip(points, values, strict=True))
    slope = (y1 - y0) / (x1 - x0)
    bend = ((y2 - y1) / (x2 - x1) - slope) / (x2 - x0)
    return (y0 - slope * x0 + bend * x0 * x1, slope - bend * (x0 + x1), bend)
