"""The maths of curves: exact where bytes are polynomials, and no position lost that is ever the largest."""

from hypothesis import given
from hypothesis import strategies as st

from app.memory.curves import Curves, Position, corners, ever_largest, fit, largest
from app.memory.family import Point

WHOLE = st.integers(0, 10**6)
SIX = st.tuples(*[WHOLE] * 6)
THREE = st.tuples(*[WHOLE] * 3)


def value(six, point: Point) -> int:
    width, batch = point.width, point.batch
    terms = (1, width, width**2, batch, batch * width, batch * width**2)
    return sum(each * term for each, term in zip(six, terms, strict=True))


def curves(*positions: Position, single=False, narrowest=33, widest=1000, shares=(1.0, 1.0, 1.0)) -> Curves:
    return Curves(positions, single, narrowest, widest, shares)


def position(*six: float, phase="update") -> Position:
    return Position(phase, {"all": six})


@given(SIX, st.integers(2, 1000), st.integers(2, 100_000))
def test_a_polynomial_is_found_to_the_byte(six, batch, width):
    points = corners(Point(4, 161))
    found = Position("update", {"all": fit(points, [value(six, point) for point in points])})
    exact = value(six, Point(batch, width))
    assert abs(found.bytes_at(Point(batch, width)) - exact) <= max(1, exact // 10**12)


@given(THREE, st.integers(2, 100_000))
def test_for_one_row_three_replays_do(three, width):
    points = corners(Point(1, 161))
    assert {point.batch for point in points} == {1}
    six = (*three, 0, 0, 0)
    found = fit(points, [value(six, point) for point in points])
    exact = value(six, Point(1, width))
    assert abs(Position("update", {"all": found}).bytes_at(Point(1, width)) - exact) <= max(1, exact // 10**12)
    assert found[3:] == (0.0, 0.0, 0.0)


@given(st.lists(SIX, min_size=1, max_size=30), st.booleans(), st.integers(2, 64), st.integers(33, 100_000))
def test_positions_that_are_left_out_are_hardly_ever_larger(lives, single, batch, width):
    kept = ever_largest([tuple(map(float, six)) for six in lives], single)
    point = Point(1 if single else batch, width)
    most = max(value(six, point) for six in lives)
    assert max(value(lives[at], point) for at in kept) >= 0.99 * most


def test_one_that_is_the_largest_between_two_others_is_kept():
    level, line, parabola = (1.0, 0, 0), (0, 0.001, 0), (0, 0, 0.8e-6)
    lives = [(*each, 0, 0, 0) for each in (level, line, parabola)]
    assert sorted(ever_largest(lives, True)) == [0, 1, 2]


def test_of_equal_positions_the_first_stays():
    assert ever_largest([(1.0, 0, 0, 0, 0, 0), (2.0, 0, 0, 0, 0, 0), (2.0, 0, 0, 0, 0, 0)], True) == [1]


def test_parts_of_nothing_are_left_out():
    two = Position("update", {"weights": (100.0, 0, 0, 0, 0, 0), "MLP": (0, 0, 0, 0, 2.0, 0), "rest": (0.0,) * 6})
    assert two.parts_at(Point(3, 10)) == {"weights": 100, "MLP": 60}
    assert two.bytes_at(Point(3, 10)) == 160


def test_they_serve_their_batches_and_widths_alone():
    several = curves(position(1))
    assert several.serves(Point(2, 33))
    assert several.serves(Point(64, 1000))
    assert not any(several.serves(point) for point in (Point(1, 100), Point(2, 32), Point(2, 1001)))
    assert curves(position(1), single=True).serves(Point(1, 100))


def test_wider_ones_cover_narrower_ones():
    assert curves().covers(curves(narrowest=40, widest=1000))
    assert not curves().covers(curves(narrowest=40, widest=1001))
    assert not curves().covers(curves(single=True))


def test_the_largest_is_sought_on_the_graph_that_holds_there():
    narrow = curves(position(10.0, *[0] * 5), widest=100)
    wide = curves(position(20.0, *[0] * 5), narrowest=101, widest=1000)
    known = (narrow, wide)
    assert largest(known, Point(2, 100)) == (narrow, narrow.positions[0], Point(2, 100))
    assert largest(known, Point(2, 101)) == (wide, wide.positions[0], Point(2, 101))
    assert largest(known, Point(2, 1001)) is None
    assert largest((), Point(2, 100)) is None


def test_validation_has_a_point_of_its_own():
    training, validating = position(1000.0, *[0] * 5), position(0, 10.0, *[0] * 4, phase="validate")
    both = curves(training, validating, widest=300)
    at, wider, widest = Point(2, 50), Point(2, 200), Point(2, 5000)
    assert largest((both,), at) == (both, training, at)
    assert largest((both,), at, wider) == (both, validating, wider)
    assert largest((both,), Point(2, 200)) == (both, validating, Point(2, 200))
    assert largest((both,), Point(2, 200), at) == (both, training, Point(2, 200))
    assert largest((both,), at, widest) == (both, validating, widest)  # no graph is known there: the nearest has to do
    beyond = curves(training, position(0, 20.0, *[0] * 4, phase="validate"), narrowest=301, widest=9000)
    assert largest((both, beyond), at, widest) == (beyond, beyond.positions[1], widest)
