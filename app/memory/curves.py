"""A structure's peak at every batch and width at once, so that a keystroke's answer needs no replay.

At each position of the evaluation the live bytes are a polynomial: of degree 2 in the width (attention scores), linear
in the batch. The peak is the largest of the positions; one curve through a few peaks instead would be up to 30 % off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.memory.family import Point

MOST_WIDTH = 131_073
_BATCHES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64)
"""Up to which, and at which, positions are kept that might ever be the largest."""
_ALIKE = 1 + 1e-9
"""Two values that differ by less are one."""
_WIDTHS = (128, 510, 2040)
"""Of the corners. The model sees a token less, a prime number: by its shape an array is not taken for another."""

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
    """Of one graph: that of a batch of 1 when `single`, else of all from 2, at `narrowest` to `widest`.

    `shares` of a position's bytes beside the weights are the least, the best single answer and the most that another
    state of the queue of kernels makes of them.
    """

    positions: tuple[Position, ...]
    single: bool
    narrowest: int
    widest: int
    shares: tuple[float, float, float]

    def serves(self, point: Point) -> bool:
        return (point.batch == 1) == self.single and self.narrowest <= point.width <= self.widest

    def covers(self, other: "Curves") -> bool:
        """Whether it serves every point that the other serves."""
        return self.single == other.single and self.narrowest <= other.narrowest and other.widest <= self.widest


def largest(
    known: Sequence[Curves], point: Point, validation: Point | None = None
) -> tuple[Curves, Position, Point] | None:
    """The largest position, its curves and the point at which it is; None where no curves serve the point.

    The positions of validating are at the point of `validation`, if that is another: told by the graph of the training
    where no curves serve it, which differs by no more than a mask.
    """
    own = next((curves for curves in known if curves.serves(point)), None)
    if own is None:
        return None
    where = validation or point
    apart = next((curves for curves in known if curves.serves(where)), own)
    places = [(own, position, point) for position in own.positions if position.phase != VALIDATE]
    places += [(apart, position, where) for position in apart.positions if position.phase == VALIDATE]
    return max(places, key=lambda place: place[1].bytes_at(place[2]))


def corners(base: Point) -> tuple[Point, ...]:
    """The points to replay for curves: three widths, and two batches unless it is 1."""
    batches = (1,) if base.batch == 1 else (2, 8)
    return tuple(Point(batch, width) for batch in batches for width in _WIDTHS)


def fit(corners: Sequence[Point], values: Sequence[float]) -> Coefficients:
    """The polynomial through values at the corners, in their order."""
    rows = [_quadratic(corners[at : at + 3], values[at : at + 3]) for at in range(0, len(corners), 3)]
    if len(rows) == 1:
        return (*rows[0], 0.0, 0.0, 0.0)
    low, high = corners[0].batch, corners[3].batch
    slopes = [(b - a) / (high - low) for a, b in zip(*rows, strict=True)]
    return (*(a - low * slope for a, slope in zip(rows[0], slopes, strict=True)), *slopes)


def ever_largest(lives: Sequence[Coefficients], single: bool) -> list[int]:
    """The positions that are the largest anywhere: on a grid of points, and between any two that differ."""
    places: dict[Coefficients, int] = {}
    for at, coefficients in enumerate(lives):
        places.setdefault(coefficients, at)
    distinct = list(places.values())
    found: dict[int, None] = {}
    for batch in (1,) if single else _BATCHES:
        of_batch = [_of_batch(coefficients, batch) for coefficients in places]
        found |= dict.fromkeys(distinct[at] for at in _envelope(of_batch))
    return list(found)


def _envelope(quadratics: Sequence[Coefficients]) -> set[int]:
    """Which of them are the largest at some width."""

    def largest(width: int) -> int:
        values = [a + width * (b + width * c) for a, b, c in quadratics]
        return values.index(max(values))

    def value(at: int, width: int) -> float:
        a, b, c = quadratics[at]
        return a + width * (b + width * c)

    ends = [(width, largest(width)) for width in _widths()]
    found = {at for _, at in ends}
    between = list(pairwise(ends))
    while between:
        (low, at_low), (high, at_high) = between.pop()
        middle = (low + high) // 2
        if at_low == at_high or middle == low:
            continue
        at = largest(middle)
        if value(at, middle) > max(value(at_low, middle), value(at_high, middle)) * _ALIKE:
            found.add(at)
            between += [((low, at_low), (middle, at)), ((middle, at), (high, at_high))]
    return found


def _of_batch(coefficients: Coefficients, batch: int) -> Coefficients:
    a, b, c, *more = coefficients
    return (a + batch * more[0], b + batch * more[1], c + batch * more[2])


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
