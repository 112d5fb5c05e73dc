"""The picture itself: what stands in which cell."""

import math

import numpy as np
import pytest

from app.runs.history import History
from app.ui.chart import braille
from app.ui.chart.canvas import GUTTER, Picture, Role
from app.ui.chart.curves import Curves
from app.ui.chart.picture import draw
from app.ui.chart.readout import legend, loss_text, readout
from app.ui.chart.scale import Scale
from app.wire.events import Step, Validation
from tests.ui.chart_stories import falling, told

NAN = math.nan


def picture(history: History, width: int = 80, height: int = 20, log: bool = False, window=None) -> Picture:
    return draw(Curves(history), window or (0.0, history.steps.x[-1]), width, height, log)


def steps_only(losses: list[float]) -> History:
    history = History()
    for iteration, loss in enumerate(losses, 1):
        history.apply(Step(0, iteration, loss, 1, 1))
    return history


def text(shown: Picture) -> list[str]:
    return ["".join(part for part, _ in shown.runs(row)) for row in range(shown.glyphs.shape[0])]


def places(shown: Picture, glyph: str) -> list[tuple[int, int]]:
    """(row, cell) of every cell with this glyph."""
    return [(int(row), int(cell)) for row, cell in np.argwhere(shown.glyphs == ord(glyph))]


def test_braille_dots_stand_where_unicode_has_them():
    grid = np.zeros((4, 4), dtype=bool)
    grid[0, 0] = grid[3, 1] = grid[1, 2] = True
    assert [chr(braille.BLANK + bits) for bits in braille.cells(grid)[0].tolist()] == ["⢁", "⠂"]
    assert braille.cells(np.ones((4, 2), dtype=bool)).tolist() == [[0xFF]]


def test_a_stroke_joins_neighbours_and_leaves_gaps_open():
    top, bottom = braille.stroke(np.array([0.0, 8.0, NAN, 2.0]))
    assert np.array_equal(top, [0, 4, NAN, 2], equal_nan=True)
    assert np.array_equal(bottom, [4, 8, NAN, 2], equal_nan=True)


def test_a_small_chart_cell_by_cell():
    shown = draw(Curves(steps_only([4.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])), (0, 10), 20, 7, False)
    assert text(shown) == [
        "      4┤┈⢶⡀┈┈┈┈┈┈┈┈┈",
        "       │ ⠈⠻⣦        ",
        "       │  ⠸⠘⢷⣄      ",
        "      2┤┈┈┈⠹⡄⠙⠻⢶⣤⣄⣀⣀",
        "       │    ⠳⠤⠤⠤⠤⠉⠉⠉",
        "       └┬─────┬────┬",
        "        0     5   10",
    ]


@pytest.mark.parametrize("spike", [1, 2_500, 4_999])
def test_a_spike_of_one_step_reaches_the_top(spike):
    losses = [2.0 + 0.01 * (i % 7) for i in range(5_000)]
    losses[spike] = 2.4
    shown = picture(steps_only(losses), 100, 20)
    column = shown.cell_of(spike + 1)
    inked = [row for row in range(18) if shown.roles[row, column] in (Role.STEPS, Role.SMOOTHED)]
    assert min(inked) <= 1 and len(inked) > 14


def test_an_outlier_does_not_flatten_the_rest_and_is_marked_where_it_is():
    losses = falling(1_000)
    losses[499] = 400.0
    shown = picture(steps_only(losses))
    assert shown.cut == 400.0
    assert places(shown, "▲") == [(0, shown.cell_of(500))]
    rows = np.flatnonzero((shown.roles == Role.STEPS).any(axis=1))
    assert rows.max() - rows.min() > 10


def test_the_fall_of_an_ordinary_run_is_shown_whole():
    assert picture(told([9.0, 6.0, *falling(500)])).cut is None


def test_steps_that_are_not_finite_are_marked_in_their_columns():
    losses = falling(600)
    losses[99], losses[399] = NAN, math.inf
    shown = picture(steps_only(losses))
    assert places(shown, "✗") == [(17, shown.cell_of(100)), (17, shown.cell_of(400))]


def test_a_line_does_not_bridge_a_step_that_is_not_finite():
    shown = picture(steps_only([2.0, 2.0, 2.0, NAN, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]))
    column = shown.cell_of(4)
    assert not np.isin(shown.roles[:17, column - 2 : column + 2], [Role.STEPS]).any()
    assert (shown.roles[:17, column - 9] != Role.BLANK).any()


def test_only_nan_leaves_an_axis_of_iterations_and_marks():
    shown = picture(steps_only([NAN] * 80))
    assert places(shown, "✗") == [(17, cell) for cell in range(GUTTER + 1, 80)]
    assert text(shown)[-1].split() == ["0", "20", "40", "60", "80"]


def test_a_constant_loss_is_a_line_in_the_middle():
    shown = picture(steps_only([2.0] * 100), 60, 13)
    assert set(np.argwhere(shown.roles == Role.SMOOTHED)[:, 0].tolist()) == {5}
    assert text(shown)[5].startswith("    2.0┤")


def test_one_step_is_visible():
    shown = draw(Curves(steps_only([2.5])), (0, 10), 60, 12, False)
    assert np.isin(shown.roles, [Role.STEPS, Role.SMOOTHED]).sum() >= 1


def test_validations_are_points_and_the_best_is_a_star():
    history = steps_only(falling(300))
    for iteration, loss in [(0, 4.5), (100, 2.0), (200, 2.5), (250, NAN)]:
        history.apply(Validation(0, iteration, loss, 1))
    shown = picture(history)
    assert [cell for _, cell in places(shown, "●")] == [shown.cell_of(0), shown.cell_of(200)]
    assert [cell for _, cell in places(shown, "★")] == [shown.cell_of(100)]
    assert places(shown, "✗") == [(17, shown.cell_of(250))]


def test_crowded_validations_leave_their_line_visible():
    shown = picture(told(falling(300), every=3))
    assert not places(shown, "●") and (shown.roles == Role.VALIDATION).any() and len(places(shown, "★")) == 1


def test_log_scale_gives_decades_equal_room():
    shown = picture(steps_only([10.0 ** (-i / 50) for i in range(151)]), 80, 30, log=True)
    rows = {label: row for row, line in enumerate(text(shown)) if (label := line[:GUTTER].strip())}
    distances = np.diff([rows[label] for label in ("1", "0.1", "0.01", "0.001")])
    assert distances.max() - distances.min() <= 1 and distances.min() >= 7


def test_log_scale_marks_what_it_cannot_show():
    shown = picture(steps_only([1.0, 0.5, 0.0, 0.5, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5]), log=True)
    assert shown.cell_of(3) in [cell for _, cell in places(shown, "▼")]


def test_log_scale_without_a_positive_loss_is_linear():
    assert text(picture(steps_only([-1.0, -2.0, -3.0]), log=True)) == text(picture(steps_only([-1.0, -2.0, -3.0])))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "losses", [[1e308, -1e308, 1.0], [5e-324, 1e-320], [1e38, 1e-38], [0.0, 0.0], [1e17, 1e17 + 16]]
)
def test_no_loss_is_too_odd_to_draw(losses, log):
    shown = picture(steps_only(losses * 4), log=log)
    assert shown.glyphs.shape == (20, 80)


@pytest.mark.parametrize("width", [24, 30, 80, 200])
@pytest.mark.parametrize("height", [5, 6, 20, 60])
def test_every_size_is_filled_exactly(width, height):
    shown = picture(told(falling(1_000)), width, height)
    assert {len(line) for line in text(shown)} == {width} and len(text(shown)) == height
    assert (shown.roles == Role.SMOOTHED).any() and text(shown)[-2].startswith(" " * GUTTER + "└")


def test_a_cell_and_its_iteration_agree():
    shown = picture(told(falling(1_000)), 100, 20)
    assert all(shown.cell_of(shown.iteration_at(cell)) == cell for cell in range(GUTTER + 1, 100))
    assert shown.cell_of(1_000) == 99 and shown.cell_of(1_001) is None


def test_rows_of_a_scale():
    rows = Scale(bottom=0.0, top=10.0, log=False, down=41).rows(np.array([10.0, 5.0, 0.0, NAN]))
    assert np.array_equal(rows, [0, 20, 40, NAN], equal_nan=True)
    rows = Scale(bottom=0.01, top=100.0, log=True, down=41).rows(np.array([100.0, 1.0, 0.1, 0.01]))
    assert rows == pytest.approx([0, 20, 30, 40])


@pytest.mark.parametrize(
    "loss, shown",
    [
        (1.23456, "1.235"),
        (0.0, "0.000"),
        (0.001234, "0.001234"),
        (12345.6, "1.235e+04"),
        (NAN, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_losses_in_words(loss, shown):
    assert loss_text(loss) == shown


def words(pieces) -> str:
    return "".join(part for part, _ in pieces)


def test_legend_says_what_is_there_and_nothing_else():
    bare = steps_only([2.0, 1.0])
    assert words(legend(Curves(bare), picture(bare), False, 120)) == "loss  ⣧⣷ every step  ⠶⠶ smoothed"
    losses = falling(100)
    losses[6] = NAN
    full = words(legend(Curves(told(losses)), picture(told(losses)), True, 160))
    assert full.startswith("loss, log scale") and "★ best" in full and "at 100" in full and "✗ 1 not a number" in full


def test_a_narrow_legend_keeps_the_best_and_the_failures():
    losses = falling(100)
    losses[6] = NAN
    history = told(losses)
    short = words(legend(Curves(history), picture(history), False, 24))
    assert len(short) <= 24 and "★" in short and "✗ 1" in short


def test_readout_gives_the_figures_at_an_iteration():
    history = steps_only([4.0, 3.0, 2.0])
    history.apply(Validation(0, 2, 2.75, 1))
    line = words(readout(Curves(history), 2, 10, True, 120))
    assert line == "at the cursor  iteration 2 of 10  loss 3.000  smoothed 3.487  validation 2.750 at 2"
    assert words(readout(Curves(history), 3, 0, False, 44)) == "▸  iteration 3  loss 2.000  ⠶ 2.966  ● 2.750"
    assert words(readout(Curves(history), 3, 0, False, 20)) == "3  loss 2.000"
