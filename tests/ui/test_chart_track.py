"""Reducing a series to the columns of a chart."""

import math

import numpy as np
import pytest

from app.runs.history import Series
from app.ui.chart.track import Track
from tests.ui.chart_stories import series

NAN = math.nan


def same(array: np.ndarray, expected: list[float]) -> bool:
    return np.array_equal(array, np.array(expected, dtype=float), equal_nan=True)


def test_envelope_takes_the_lowest_and_highest_of_every_column():
    track = Track(series([(1, 3.0), (2, 1.0), (3, 2.0), (7, 5.0)]))
    envelope = track.envelope(np.array([0.0, 3.0, 6.0, 9.0]))
    assert same(envelope.low, [1.0, 2.0, 5.0]) and same(envelope.high, [3.0, 2.0, 5.0])
    assert envelope.bad.tolist() == [0, 0, 0]


def test_an_empty_column_has_no_value_and_points_outside_are_not_counted():
    track = Track(series([(1, 1.0), (9, 2.0), (30, 99.0)]))
    envelope = track.envelope(np.array([0.0, 5.0, 8.0, 10.0]))
    assert same(envelope.high, [1.0, NAN, 2.0])


def test_values_that_are_not_finite_are_counted_and_do_not_spoil_their_column():
    track = Track(series([(1, 2.0), (2, NAN), (3, math.inf), (4, NAN), (5, -math.inf), (6, 1.0)]))
    envelope = track.envelope(np.array([0.0, 4.0, 5.0, 8.0]))
    assert same(envelope.low, [2.0, NAN, 1.0]) and same(envelope.high, [2.0, NAN, 1.0])
    assert envelope.bad.tolist() == [2, 1, 1]
    assert track.bad == 4


@pytest.mark.parametrize("place", [0, 1, 499_999, 765_432, 999_999])
def test_one_step_in_a_million_is_seen(place):
    values = np.full(1_000_000, 2.0)
    values[place] = 9.0
    made = Series()
    made.x.frombytes(np.arange(1.0, 1_000_001.0).tobytes())
    made.y.frombytes(values.tobytes())
    edges = np.linspace(0, 1_000_001, 187)
    high = Track(made).envelope(edges).high
    assert np.flatnonzero(high == 9.0).tolist() == [np.searchsorted(edges, place + 1, side="right") - 1]


def test_what_a_run_that_went_back_left_behind_is_forgotten_between_two_looks():
    made = series([(1, 4.0), (2, NAN), (3, NAN)])
    track = Track(made)
    assert track.bad == 2
    made.forget_from(2)
    made.append(2, 1.0)
    made.append(3, NAN)
    envelope = track.envelope(np.array([0.0, 1.5, 2.5, 4.0]))
    assert same(envelope.low, [4.0, 1.0, NAN]) and envelope.bad.tolist() == [0, 0, 1]
    assert track.nearest(2) == (2, 1.0) and track.reach() == (1, 3) and track.bad == 1


def test_a_series_can_grow_after_every_question():
    made = series([(1, 1.0), (2, 2.0)])
    track = Track(made)
    edges = np.array([0.0, 1.5, 3.0])
    answers = [
        track.envelope(edges),
        track.line(edges),
        track.held(edges),
        track.between(0, 9),
        track.lowest(),
    ]
    made.append(3, 3.0)  # an array whose buffer is still held raises BufferError here
    assert len(answers) == 5 and track.bad == 0 and track.nearest(9) == (3, 3.0)


def test_line_breaks_at_values_that_are_not_finite():
    track = Track(series([(1, 1.0), (2, NAN), (3, 3.0), (4, 5.0)]))
    assert same(track.line(np.array([0.5, 1.0, 1.5, 2.5, 3.0, 3.5, 4.5])), [NAN, 1.0, NAN, NAN, 3.0, 4.0, NAN])


def test_a_report_holds_for_the_window_before_it():
    track = Track(series([(10, 3.0), (20, 2.0)]))
    assert same(track.held(np.array([1, 10, 11, 20, 21.0])), [3.0, 3.0, 2.0, 2.0, NAN])


def test_nearest_and_lowest():
    track = Track(series([(10, 3.0), (20, NAN), (30, 1.0), (40, 1.0)]))
    assert track.nearest(14) == (10, 3.0) and track.nearest(36) == (40, 1.0) and track.nearest(-5) == (10, 3.0)
    assert track.lowest() == (30, 1.0)
    assert Track(series([(1, NAN)])).lowest() is None


def test_nothing_is_known_of_an_empty_series():
    track = Track(Series())
    edges = np.array([0.0, 1.0])
    assert track.nearest(1) is None and track.lowest() is None and track.bad == 0 and len(track) == 0
    assert same(track.envelope(edges).low, [NAN]) and same(track.line(edges), [NAN, NAN])
    assert same(track.held(edges), [NAN, NAN]) and len(track.between(0, 1)[0]) == 0
