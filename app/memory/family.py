"""One structure's tapes at any batch and width: every dimension of every array, told from two or three traces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.wire.tape import Tape

Shape = tuple[int, ...]


class NotOneFamily(Exception):
    """The tapes are of different structures, or a dimension follows no rule that is known here."""


@dataclass(frozen=True)
class Point:
    """Rows of a batch, and tokens of its padded width."""

    batch: int
    width: int


@dataclass(frozen=True)
class Dimension:
    """A length of an array: `constant + by_width * width`, all of it times the batch where `per_batch`."""

    constant: int
    by_width: int
    per_batch: bool

    def at(self, point: Point) -> int:
        length = self.constant + self.by_width * point.width
        return length * point.batch if self.per_batch else length


@dataclass(frozen=True)
class Family:
    """`shapes` are those of the tape where they do not depend on the point, else None and told by `varying`."""

    tape: Tape
    varying: tuple[tuple[int, tuple[Dimension, ...]], ...]
    """By array."""

    def shapes_at(self, point: Point) -> list[Shape]:
        """The shapes of all arrays of the tape, at another point."""
        shapes = list(self.tape.shapes)
        for array, dimensions in self.varying:
            shapes[array] = tuple(dimension.at(point) for dimension in dimensions)
        return shapes

    def holds(self, point: Point, tape: Tape) -> bool:
        """Whether it tells of a trace at another point what it is."""
        return _have_one_structure(self.tape, tape) and self.shapes_at(point) == list(tape.shapes)


def family(base: tuple[Point, Tape], wider: tuple[Point, Tape], more: tuple[Point, Tape] | None) -> Family:
    """From traces at a point, at the same batch with another width, and at the same width with another batch.

    Without `more` it holds for the one batch alone, as for a batch of 1, where MLX leaves out broadcasts. Raises
    NotOneFamily.
    """
    tapes = [tape for _, tape in ((base, wider, more) if more else (base, wider))]
    if any(not _have_one_structure(tapes[0], tape) for tape in tapes[1:]):
        raise NotOneFamily("MLX builds another graph at another width or batch")
    varying = []
    for array, shapes in enumerate(zip(*(tape.shapes for tape in tapes), strict=True)):
        if any(shape != shapes[0] for shape in shapes):
            dimensions = (
                _dimension(lengths, base[0], wider[0], more[0] if more else None)
                for lengths in zip(*shapes, strict=True)
            )
            varying.append((array, tuple(dimensions)))
    return Family(tapes[0], tuple(varying))


def _have_one_structure(one: Tape, other: Tape) -> bool:
    return list(map(len, one.shapes)) == list(map(len, other.shapes)) and one == replace(other, shapes=one.shapes)


def _dimension(lengths: Sequence[int], base: Point, wider: Point, more: Point | None) -> Dimension:
    first, with_width = lengths[0], lengths[1]
    with_batch = lengths[2] if more else first
    per_batch = with_batch != first
    if per_batch and more and (first % base.batch or with_batch * base.batch != first * more.batch):
        raise NotOneFamily(f"a length of {first} becomes {with_batch} with another batch")
    unit = base.batch if per_batch else 1
    by_width, rest = divmod(with_width - first, (wider.width - base.width) * unit)
    if rest:
        raise NotOneFamily(f"a length of {first} becomes {with_width} with another width")
    return Dimension(first // unit - by_width * base.width, by_width, per_batch)
