"""How far one graph reaches: from and to which width MLX builds the same for a training, told by traces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.memory.curves import MOST_WIDTH
from app.memory.family import Family, NotOneFamily, Point, family
from app.memory.tracing import Untraceable
from app.wire.tape import Tape

Trace = Callable[[Point], Sequence[Tape]]
"""The tapes of all phases. Raises Untraceable."""

NARROWEST = 33
"""What mlx-lm pads the shortest rows to, unless max_seq_length is less."""
_FAR = (MOST_WIDTH, 16_385, 4_097, 1_025)
"""Tried in turn: a model with a window builds another graph for rows that exceed it."""


@dataclass(frozen=True)
class Reach:
    """A family for each phase, and the widths between which they hold."""

    families: tuple[Family, ...]
    narrowest: int
    widest: int


def reach(base: Point, tapes: Sequence[Tape], trace: Trace) -> Reach:
    """From the traces at a point, and up to eight more. Raises NotOneFamily, Untraceable, and what else `trace` does.

    A narrow width is tried first: a model whose graph grows with each token is then never traced at a great one.
    """
    more = Point(base.batch + 1, base.width) if base.batch > 1 else None
    several = trace(more) if more else ()

    def families(width: int) -> tuple[Family, ...]:
        other = Point(base.batch, width)
        return tuple(
            family((base, tape), (other, with_width), (more, several[at]) if more else None)
            for at, (tape, with_width) in enumerate(zip(tapes, trace(other), strict=True))
        )

    twice = base.width * 2 - 1
    narrowest, widest = NARROWEST, base.width
    found = _tried(families, NARROWEST) if base.width > NARROWEST else None
    if found is None:
        narrowest, widest, found = base.width, twice, _tried(families, twice)
    if found is None:  # as many tokens as a layer has values can make MLX merge two arrays by chance
        widest, found = twice + 2, families(twice + 2)
    for width in sorted({*_FAR, twice}, reverse=True):
        if width > widest and _hold(found, Point(base.batch, width), trace):
            return Reach(found, narrowest, width)
    return Reach(found, narrowest, widest)


def _tried(families: Callable[[int], tuple[Family, ...]], width: int) -> tuple[Family, ...] | None:
    try:
        return families(width)
    except (NotOneFamily, Untraceable):
        return None


def _hold(families: Sequence[Family], point: Point, trace: Trace) -> bool:
    try:
        tapes = trace(point)
    except Untraceable:
        return False
    return all(family.holds(point, tape) for family, tape in zip(families, tapes, strict=True))
