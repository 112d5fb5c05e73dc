"""The chart under keys, mouse and a growing run."""

import math

import pytest
from textual.geometry import Offset

from app.runs.history import History
from app.ui.chart.canvas import GUTTER, Role
from app.wire.events import Step
from tests.ui.chart_stories import Stage, falling, told

SIZE = (80, 20)


async def pressed(keys: list[str], history: History | None = None, iters: int = 1000) -> Stage:
    """The app after these keys, on a run of 600 of 1000 iterations; `last` is what it showed."""
    app = Stage(history or told(falling(600)), iters)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        app.last = app.lines()
    return app


def labels(app: Stage) -> list[str]:
    """The ticks of the loss axis, from the top."""
    return [line[:GUTTER].strip() for line in app.last if line[GUTTER] == "┤"]


async def test_the_latest_figures_are_shown_until_the_cursor_moves():
    assert "600 of 1000" in (await pressed([])).last[-1]
    moved = await pressed(["left"])
    assert moved.chart.view.cursor == 592 and "592 of 1000" in moved.last[-1]
    assert any("│" in line[GUTTER + 1 :] for line in moved.last)


async def test_cursor_keys():
    assert (await pressed(["home"])).chart.view.cursor == 0
    assert (await pressed(["home", "right"])).chart.view.cursor == 8
    far = (await pressed(["home", "shift+right"])).chart.view.cursor
    assert far == 83 and far == (await pressed(["home", "right_square_bracket"])).chart.view.cursor
    back = (await pressed(["home", "shift+right", "left_square_bracket"])).chart.view.cursor
    assert back == 0 and back == (await pressed(["home", "shift+right", "shift+left"])).chart.view.cursor
    assert (await pressed(["home", "end"])).chart.view.cursor is None


async def test_zoom_in_out_and_fit():
    zoomed = await pressed(["plus", "plus"])
    assert zoomed.chart.view.span == 150 and zoomed.last[-2].split()[-1] == "600"
    assert float(zoomed.last[-2].split()[0]) >= 450
    assert (await pressed(["plus", "plus", "minus", "minus"])).chart.view.span is None
    assert (await pressed(["plus", "f"])).chart.view.span is None


async def test_log_scale_moves_the_ticks():
    linear, log = await pressed([]), await pressed(["l"])
    assert labels(linear) == ["5", "4", "3", "2", "1"] and labels(log) == ["5", "2", "1"]
    assert linear.last[0].startswith("loss") and log.last[0].startswith("log")
    assert (await pressed(["l", "l"])).last == linear.last


async def test_the_whole_run_leaves_room_for_what_is_to_come():
    whole = await pressed(["w"])
    assert whole.last[-2].split()[-1] == "1000"
    right_part = [line[60:] for line in whole.last[1:-3]]
    assert not any("\u2800" < c <= "\u28ff" for line in right_part for c in line)


async def test_hovering_reads_and_clicking_pins():
    app = Stage(told(falling(600)), 1000)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.hover(app.chart, offset=Offset(GUTTER + 1 + 36, 8))
        await pilot.pause()
        assert app.chart.view.cursor is None and "304 of 1000" in app.lines()[-1]
        await pilot.click(app.chart, offset=Offset(GUTTER + 1 + 18, 8))
        await pilot.pause()
        assert app.chart.view.cursor == 154 and "154 of 1000" in app.lines()[-1]
        await pilot.hover(app.chart, offset=Offset(GUTTER + 1 + 50, 8))
        await pilot.press("home")
        assert "iteration 1 of 1000" in app.lines()[-1]


async def test_the_picture_grows_with_the_run_and_only_then():
    history = told(falling(100))
    app = Stage(history, 1000)
    async with app.run_test(size=SIZE) as pilot:
        before = app.lines()
        history.apply(Step(0, 101, 4.5, 1, 1))
        app.chart.show(history, 1000)
        await pilot.pause()
        assert "101 of 1000" in app.lines()[-1] and app.lines() != before
        refreshed = []
        app.chart.refresh = lambda *args, **kwargs: refreshed.append(args)
        app.chart.show(history, 1000)
        assert refreshed == []


async def test_another_run_starts_with_a_fresh_view_on_the_same_scale():
    app = Stage(told(falling(600)), 1000)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("l", "plus", "left")
        app.chart.show(told(falling(50)), 50)
        await pilot.pause()
        assert app.chart.view.log and app.chart.view.cursor is None and app.chart.view.span is None
        assert "50 of 50" in app.lines()[-1]


async def test_a_nan_at_the_cursor_is_said():
    losses = falling(600)
    losses[599] = math.nan
    app = await pressed([], told(losses))
    assert "loss NaN" in app.last[-1] and "✗ 1" in app.last[0]


async def test_without_losses_the_placeholder_is_shown_as_it_is():
    app = Stage(History(), 0, placeholder="Loading [red]model[/x] \x1b[31m…")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("plus", "minus", "left", "right", "home", "end", "l", "w", "f")
        shown = "\n".join(app.lines())
        assert "Loading [red]model[/x]" in shown and "\x1b" not in shown
        app.chart.placeholder = "Validating"
        await pilot.pause()
        assert "Validating" in app.lines()[9]


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (23, 20), (80, 5), (24, 6), (30, 6), (200, 60)])
async def test_every_terminal_size_is_filled(size):
    app = Stage(told(falling(600)), 1000)
    async with app.run_test(size=size) as pilot:
        await pilot.press("left")
        assert [len(line) for line in app.lines()] == [size[0]] * size[1]


async def test_roles_have_their_own_styles():
    app = Stage(told(falling(60)), 60)
    async with app.run_test(size=SIZE):
        styles = {
            role: app.chart.get_component_rich_style(f"chart--{role.name.lower()}")
            for role in (Role.STEPS, Role.SMOOTHED, Role.REPORTS, Role.VALIDATION, Role.BAD)
        }
        assert len({style.color for style in styles.values()}) == 5
        assert styles[Role.SMOOTHED].bold and not styles[Role.STEPS].bold
