"""Curves of several runs in one picture: told apart by letters alone where there is no colour."""

import math

import pytest
from textual.app import App, ComposeResult

from app.runs.curve import ITERATION, TIME, TOKENS
from app.ui.chart import axis
from app.ui.chart.canvas import GUTTER, OWN
from app.ui.chart.overlay import OverlayLine, OverlayTracks, draw
from app.ui.chart.overlay_chart import OverlayChart
from tests.ui.chart_stories import series


def line(id: str, mark: str, loss: float, last: int, tone: int = 0) -> OverlayLine:
    """A flat training loss from 1 to `last`, and validations of twice as much at the beginning and the end."""
    train = series([(float(at), loss) for at in range(1, last + 1)])
    return OverlayLine(id, mark, id, train, series([(0.0, 2 * loss), (float(last), 2 * loss)]), 1, tone)


def drawn(*lines: OverlayLine, by: str = ITERATION, window=(0.0, 200.0), size=(120, 24)):
    return draw([OverlayTracks(one) for one in lines], by, window, *size, log=False)


def rows_with(picture, letter: str) -> set[int]:
    return {y for y, row in enumerate(picture.glyphs.tolist()) if ord(letter) in row[GUTTER + 1 :]}


def test_every_curve_has_its_letter_on_its_own_row_and_its_own_colour():
    picture = drawn(line("one", "a", 1.0, 200), line("two", "b", 3.0, 200, tone=1))
    [train], [validation], [other] = rows_with(picture, "a"), rows_with(picture, "A"), rows_with(picture, "b")
    assert other < validation < train, "3.0 above 2.0 above 1.0"
    for letter, role in (("a", OWN), ("b", OWN + 1)):
        cells = picture.glyphs == ord(letter)
        assert cells.sum() > 2 and set(picture.roles[cells]) == {role}


def test_a_curve_too_short_for_its_letters_places_has_one_at_its_end():
    picture = drawn(line("one", "a", 1.0, 200), line("short", "b", 3.0, 3))
    assert (picture.glyphs == ord("b")).sum() == 1


def test_one_alone_has_no_letter_and_crowded_validations_no_dots():
    alone = drawn(line("one", "", 1.0, 200))
    assert (alone.glyphs == ord("●")).sum() == 2
    crowded = OverlayLine("one", "", "one", series([]), series([(float(at), 2.0) for at in range(200)]), 1)
    assert (drawn(crowded).glyphs == ord("●")).sum() == 0


def test_a_validation_that_is_no_number_is_marked():
    bad = OverlayLine("one", "a", "one", series([(1.0, 2.0)]), series([(100.0, math.nan)]), 1)
    assert (drawn(bad).glyphs == ord("✗")).sum() == 1


@pytest.mark.parametrize(
    ("span", "labels"),
    [(9, ["2 s", "4 s"]), (100, ["30 s", "1m30"]), (3600 * 5, ["1 h", "4 h"]), (86400 * 9, ["2 d", "8 d"])],
)
def test_times_are_written_as_people_say_them(span, labels):
    ticks = axis.time_ticks(0, span, 5)
    assert 2 <= len(ticks) <= 12 and all(0 <= tick <= span for tick in ticks)
    assert set(labels) <= set(axis.time_labels(ticks))
    assert axis.time_labels([0, 90, 5400, 7200, 93600]) == ["0", "1m30", "1h30", "2 h", "1d02h"]


class Stage(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chart = OverlayChart("Nothing yet")

    def compose(self) -> ComposeResult:
        yield self.chart

    def lines(self) -> list[str]:
        return [strip.text for strip in self.chart.render_lines(self.chart.size.region)]


async def test_legend_and_readout_name_each_curve():
    app = Stage()
    async with app.run_test(size=(100, 20)) as pilot:
        assert any("Nothing yet" in text for text in app.lines())
        one, two = line("one", "a", 1.0, 200), line("two", "b", 3.0, 100)
        app.chart.show((one, two), ITERATION, 400)
        await pilot.pause()
        assert "a one" in app.lines()[0] and "b two" in app.lines()[0] and "by iteration" in app.lines()[0]
        assert "a 1.000 A 2.000 @200  b 3.000 B 6.000 @100" in app.lines()[-1]
        app.chart.focus()
        await pilot.press("left")
        assert "iteration" in app.lines()[-1] and "b –" in app.lines()[-1], "there the second run has ended"
        app.chart.show((one, two), TOKENS, 400)
        assert app.chart.view.cursor is None, "another axis begins with a fresh view"
        app.chart.show((line("one", "a", 1.0, 200),), TIME, 400)
        await pilot.pause()
        assert "3 m" in app.lines()[-2] and "by time of training" in app.lines()[0]
        app.chart.show((), TIME, 0)
        await pilot.pause()
        assert any("Nothing yet" in text for text in app.lines())


@pytest.mark.parametrize("size", [(1, 1), (24, 6), (30, 8), (200, 60)])
async def test_every_size_is_filled_by_any_number_of_curves(size):
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.chart.show(
            tuple(line(str(at), "abcdefghijklmnopqrstuvwxyz"[at % 26], 1.0 + at, 50 + at) for at in range(40)),
            ITERATION,
            90,
        )
        await pilot.pause()
        assert [len(text) for text in app.lines()] == [size[0]] * size[1]
