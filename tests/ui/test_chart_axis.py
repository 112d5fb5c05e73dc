"""Ticks, labels and bounds of the chart's axes."""

import pytest

from app.ui.chart import axis


@pytest.mark.parametrize(
    "low, high, count, ticks",
    [
        (0.0, 5.0, 5, [0, 1, 2, 3, 4, 5]),
        (0.93, 1.07, 4, [0.95, 1.0, 1.05]),
        (1.234, 1.2346, 3, [1.234, 1.2342, 1.2344, 1.2346]),
        (-3.0, 11.0, 3, [0, 5, 10]),
        (5.1, 9.9, 2, [6, 8]),
        (2e-7, 9e-7, 4, [2e-7, 4e-7, 6e-7, 8e-7]),
    ],
)
def test_linear_ticks_are_round_and_inside(low, high, count, ticks):
    assert axis.linear_ticks(low, high, count) == pytest.approx(ticks, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "low, high, count, ticks",
    [
        (0.5, 12.0, 6, [0.5, 1, 2, 5, 10]),
        (0.001, 1000.0, 8, [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
        (1e-6, 1e6, 4, [1e-4, 1, 1e4]),
        (1.0, 1.5, 5, [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]),
    ],
)
def test_log_ticks(low, high, count, ticks):
    assert axis.log_ticks(low, high, count) == pytest.approx(ticks)


def test_whole_ticks_never_split_an_iteration():
    assert axis.whole_ticks(0, 3, 12) == [0, 1, 2, 3]
    assert axis.whole_ticks(17.5, 61.2, 5) == [20, 30, 40, 50, 60]
    assert axis.whole_ticks(101, 149, 2) == [120, 140]


@pytest.mark.parametrize(
    "ticks, labels",
    [
        ([0.0, 0.5, 1.0], ["0.0", "0.5", "1.0"]),
        ([0.0, 5.0, 10.0], ["0", "5", "10"]),
        ([1.234, 1.236], ["1.234", "1.236"]),
        ([0.5, 1.0, 2.0, 5.0, 10.0], ["0.5", "1", "2", "5", "10"]),
        ([2e-7, 4e-7], ["2e-7", "4e-7"]),
        ([0.0, 1e8], ["0", "1e+8"]),
        ([1.2e-5, 1.3e-5], ["1.2e-5", "1.3e-5"]),
        ([-1.23e-9, 0.5, 7.0], ["-1.2e-9", "0.5", "7"]),
        ([1e-300], ["1e-300"]),
        ([], []),
    ],
)
def test_loss_labels(ticks, labels):
    assert axis.loss_labels(ticks) == labels


@pytest.mark.parametrize(
    "ticks, labels",
    [
        ([0, 500, 1000], ["0", "500", "1000"]),
        ([0, 5000, 10_000], ["0", "5k", "10k"]),
        ([0, 500_000, 1_000_000], ["0", "0.5M", "1M"]),
        ([1_000_100, 1_000_200], ["1000100", "1000200"]),
    ],
)
def test_whole_labels_stay_exact(ticks, labels):
    assert axis.whole_labels(ticks) == labels


def test_bounds_hold_the_values_and_little_more():
    low, high = axis.bounds(1.2, 4.8)
    assert 1.0 < low < 1.2 and 4.8 < high < 5.0


def test_bounds_of_one_value_leave_room_on_both_sides():
    assert axis.bounds(2.0, 2.0) == pytest.approx((1.8, 2.2))
    assert axis.bounds(0.0, 0.0) == (0.0, 1.0)
    low, high = axis.bounds(1.0, 1.0, log=True)
    assert low < 1.0 < high


def test_bounds_do_not_go_below_zero_unless_a_loss_does():
    assert axis.bounds(0.0, 3.0)[0] == 0.0
    assert axis.bounds(-0.1, 3.0)[0] < -0.1


def test_bounds_seldom_move_while_a_run_goes_on():
    assert axis.bounds(1.201, 4.8) == axis.bounds(1.207, 4.8)
