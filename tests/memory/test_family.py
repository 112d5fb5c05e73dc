"""Shapes at any batch and width, told from two or three tapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.family import NotOneFamily, Point, family
from tests.memory.tapes import of_lengths

SIZES = st.integers(1, 300)


@st.composite
def points(draw) -> tuple[Point, Point, Point]:
    """A base, a wider one, and one of another batch."""
    base = Point(draw(st.integers(2, 8)), draw(st.integers(2, 200)))
    wider = Point(base.batch, base.width + draw(st.integers(1, 300)))
    return base, wider, Point(base.batch + draw(st.integers(1, 5)), base.width)


@given(points(), SIZES, st.integers(0, 4), st.integers(1, 64), st.integers(2, 100))
def test_every_dimension_is_told_at_any_point(at, fixed, by_width, batch, width):
    def shapes(point):
        length = fixed + by_width * point.width
        return (
            (fixed,),
            (point.batch, length),
            (point.batch * length, fixed),
            (length, length),
            (),
            (7, point.width - 1),
        )

    def tape(point):
        return of_lengths(*shapes(point))

    base, wider, more = at
    known = family((base, tape(base)), (wider, tape(wider)), (more, tape(more)))
    other = Point(batch, width)
    assert known.shapes_at(other) == list(shapes(other))
    assert known.holds(other, tape(other))
    assert not known.holds(other, of_lengths(*shapes(other)[:-1], (8, width - 1)))


def test_without_another_batch_it_is_of_one_batch_alone():
    base, wider = Point(1, 10), Point(1, 20)
    known = family((base, of_lengths((1, 9), (9, 9))), (wider, of_lengths((1, 19), (19, 19))), None)
    assert known.shapes_at(Point(1, 100)) == [(1, 99), (99, 99)]
    assert [array for array, _ in known.varying] == [0, 1]


BASE = (Point(2, 10), of_lengths((2, 9), (18, 3)))
WIDER = (Point(2, 20), of_lengths((2, 19), (38, 3)))
MORE = (Point(3, 10), of_lengths((3, 9), (27, 3)))


def test_these_are_one_family():
    family(BASE, WIDER, MORE)


@pytest.mark.parametrize(
    ("wider", "more"),
    [
        (of_lengths((2, 19), (38, 3), (1,)), MORE[1]),  # an array more
        (of_lengths((2, 19), (38, 3, 1)), MORE[1]),  # a dimension more
        (of_lengths((2, 19), (38, 3), released=(0,)), MORE[1]),
        (of_lengths((2, 19), (38, 3), gradients=(1,)), MORE[1]),
        (of_lengths((2, 19), (38, 3), itemsizes=(4, 2)), MORE[1]),
        (of_lengths((2, 19), (38, 3), phase="validate"), MORE[1]),
        (of_lengths((2, 19), (38, 4)), MORE[1]),  # that does not grow evenly with the width
        (WIDER[1], of_lengths((3, 9), (28, 3))),  # nor this with the batch
        (WIDER[1], of_lengths((4, 9), (27, 3))),
    ],
)
def test_others_are_not(wider, more):
    with pytest.raises(NotOneFamily):
        family(BASE, (WIDER[0], wider), (MORE[0], more))
