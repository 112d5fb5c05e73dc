"""How far one graph reaches: which widths are traced for it, and what is made of them."""

from collections.abc import Callable

import pytest

from app.memory.curves import MOST_WIDTH
from app.memory.family import NotOneFamily, Point
from app.memory.reach import NARROWEST, reach
from app.memory.tracing import Untraceable
from app.wire.tape import Tape
from tests.memory.tapes import of_lengths


class Model:
    """By `kind`, what of its graph depends on the width; `asked` are the widths that were traced."""

    def __init__(self, kind: Callable[[int], int], most: int = MOST_WIDTH):
        self._kind, self._most = kind, most
        self.asked: list[Point] = []

    def tape(self, point: Point) -> Tape:
        return of_lengths((point.batch, point.width - 1), *[(5,)] * self._kind(point.width))

    def trace(self, point: Point) -> list[Tape]:
        self.asked.append(point)
        if point.width > self._most:
            raise Untraceable("It has no more positions.")
        return [self.tape(point)]

    def reach(self, batch: int, width: int) -> tuple[int, int]:
        base = Point(batch, width)
        found = reach(base, [self.tape(base)], self.trace)
        for at in (Point(batch, found.narrowest), Point(batch, found.widest)):
            assert found.families[0].holds(at, self.tape(at))
        return found.narrowest, found.widest


def window(size: int) -> Callable[[int], int]:
    return lambda width: 2 if width > size + 1 else 1


def test_one_graph_for_all_widths_takes_two_traces():
    model = Model(lambda width: 1)
    assert model.reach(1, 161) == (NARROWEST, MOST_WIDTH)
    assert [point.width for point in model.asked] == [NARROWEST, MOST_WIDTH]


def test_several_rows_take_one_of_another_batch():
    model = Model(lambda width: 1)
    assert model.reach(4, 161) == (NARROWEST, MOST_WIDTH)
    assert model.asked[0] == Point(5, 161)


@pytest.mark.parametrize(
    ("size", "width", "expected"),
    [
        (64, 40, (33, 40)),
        (64, 161, (161, MOST_WIDTH)),
        (512, 161, (33, 321)),
        (4096, 161, (33, 4097)),
        (4096, 4097, (33, 4097)),
        (4096, 5000, (5000, MOST_WIDTH)),
        (64, 33, (33, 65)),
    ],
)
def test_a_window_ends_it(size, width, expected):
    model = Model(window(size))
    assert model.reach(1, width) == expected
    assert len(model.asked) <= 7


def test_a_graph_that_grows_with_each_token_is_never_traced_at_a_great_width():
    model = Model(lambda width: width)
    with pytest.raises(NotOneFamily):
        model.reach(1, 161)
    assert max(point.width for point in model.asked) == 323


def test_a_width_at_which_two_arrays_happen_to_be_alike_is_passed_over():
    model = Model(lambda width: 2 if width in (33, 321) else 1)
    assert model.reach(1, 161) == (161, MOST_WIDTH)


def test_a_model_that_cannot_be_so_wide_is_known_as_far_as_it_goes():
    assert Model(lambda width: 1, most=5000).reach(1, 161) == (33, 4097)
    assert Model(lambda width: 1, most=300).reach(1, 161) == (33, 161)


def test_rows_shorter_than_any_that_are_padded():
    assert Model(lambda width: 1).reach(1, 20) == (20, MOST_WIDTH)


def test_whoever_gives_up_gives_up_for_good():
    class GivenUp(Exception):
        pass

    def trace(point):
        raise GivenUp

    with pytest.raises(GivenUp):
        reach(Point(1, 161), [of_lengths((1, 160))], trace)
