"""What the chart looks like. Accept a change that you have looked at with `pytest --snapshot-update`."""

import math

import pytest

from app.runs.history import History
from tests.ui.chart_stories import Stage, falling, told


def eventful() -> list[float]:
    """A falling loss with one outlier and three steps that are not a number."""
    losses = falling(600)
    losses[219] = 31.0
    losses[419:422] = [math.nan] * 3
    return losses


@pytest.mark.parametrize("size", [(80, 20), (120, 30)])
def test_run_under_way(snap_compare, size):
    assert snap_compare(Stage(told(falling(600)), 1000), terminal_size=size)


def test_outlier_nan_and_cursor(snap_compare):
    keys = ["left_square_bracket", "left_square_bracket", "left"]
    assert snap_compare(Stage(told(eventful()), 1000), press=keys, terminal_size=(120, 30))


def test_first_iterations_on_a_log_scale(snap_compare):
    assert snap_compare(Stage(told(falling(40), 200, every=20), 200), press=["l"], terminal_size=(80, 20))


def test_nothing_yet(snap_compare):
    assert snap_compare(Stage(History(), 0), terminal_size=(80, 20))
