"""The editor of the learning-rate schedule: opened from its field, with the keyboard and the mouse."""

import pytest

from app.ui.screens.rate_schedule import RateSchedule
from tests.ui.apps import REFERENCE, app_on, at, click, press, ready, screen_text, sees, until, values

SIZE = (80, 24)
COSINE = "lr_schedule:\n  name: cosine_decay\n  arguments: [2e-5, 90, 1e-6]\n  warmup: 10  # updates\n"


@pytest.fixture
def opened(folder):
    """The editor over a form, of a file that ends with `text`."""

    async def open_on(pilot):
        await ready(pilot)
        await at(pilot, "lr_schedule")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RateSchedule))
        return pilot.app

    def make(text: str = ""):
        return app_on(folder, REFERENCE + text, place="hyperparameters").run_test(size=SIZE), open_on

    return make


async def test_a_kind_and_its_numbers_become_the_schedule_in_one_step(opened):
    running, open_on = opened()
    async with running as pilot:
        app = await open_on(pilot)
        before = dict(values(app))
        await press(pilot, "right", "right")  # constant, linear, cosine
        await sees(pilot, "‹cosine›", "1,600 iterations = 100 updates of 16", "warm-up to iteration 160", "peak 1e-5")
        await press(pilot, "down", *"3e-5", "down", "down", "down", *"20", "enter")
        assert values(app)["lr_schedule"] == {"name": "cosine_decay", "arguments": [3e-5, 80, 3e-7], "warmup": 20}
        assert values(app)["learning_rate"] == 3e-5, "the file gave one, which would mislead"
        assert app.form.row.key == "lr_schedule"
        await press(pilot, "ctrl+z")
        assert dict(values(app)) == before


async def test_escape_changes_nothing_and_neither_does_enter_on_what_was_opened(opened):
    running, open_on = opened(COSINE)
    async with running as pilot:
        app = await open_on(pilot)
        await sees(pilot, "‹cosine›", "2e-5", "1e-6", "90")
        await press(pilot, "right", "down", *"7", "escape")
        assert not app.is_dirty
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, RateSchedule))
        await press(pilot, "enter")
        assert not app.screen.is_modal and not app.is_dirty


async def test_a_number_that_will_not_do_is_refused_with_the_cursor_on_it(opened):
    running, open_on = opened(COSINE)
    async with running as pilot:
        app = await open_on(pilot)
        await press(pilot, "down", "down", "down", *"0", "up", "up", "enter")
        await sees(pilot, "✗ error", "The decay counts updates: it must be 1 or more.")
        assert app.screen.is_modal and app.screen.form.row.key == "length" and not app.is_dirty
        await press(pilot, *"50", "enter")
        assert values(app)["lr_schedule"]["arguments"] == [2e-5, 50, 1e-6]


async def test_back_to_constant_the_schedule_goes_and_the_rate_stays(opened):
    running, open_on = opened(COSINE)
    async with running as pilot:
        app = await open_on(pilot)
        await press(pilot, "c", "down", "down", *"0", "enter")
        assert values(app)["lr_schedule"] is None and values(app)["learning_rate"] == 2e-5


async def test_the_mouse_chooses_steps_and_applies(opened):
    running, open_on = opened()
    async with running as pilot:
        app = await open_on(pilot)
        await click(pilot, *_place(app, "step exponential"))
        await sees(pilot, "‹step›", "Step every")
        await click(pilot, *_place(app, "0.5"))
        left, y = _place(app, "‹ ›")
        await click(pilot, left + 2, y)
        await pilot.hover(app.screen.plot, offset=(9, 3))
        await sees(pilot, "Iteration 36: rate 2e-6")
        await click(pilot, *_place(app, "Enter applies"))
        assert values(app)["lr_schedule"] == {"name": "step_decay", "arguments": [1e-5, 0.55, 22], "warmup": 10}


async def test_text_that_is_no_schedule_is_named_and_stays_until_another_is_applied(opened):
    running, open_on = opened("lr_schedule: {name: join_schedules, arguments: [1]}\n")
    async with running as pilot:
        app = await open_on(pilot)
        await sees(pilot, "What stands in the field is no schedule")
        await press(pilot, "escape")
        assert "lr_schedule" in app.session.snapshot.drafts and not app.is_dirty
        await press(pilot, "enter")
        await until(pilot, lambda: app.screen.is_modal)
        await press(pilot, "enter")
        assert "lr_schedule" not in app.session.snapshot.drafts and values(app)["lr_schedule"] is None


async def test_iterations_that_make_no_update_and_an_optimizer_that_ignores_the_rate_are_said(opened):
    running, open_on = opened("optimizer_config: {adafactor: {}}\n")
    async with running as pilot:
        app = await open_on(pilot)
        await press(pilot, "escape")
        app.session.edit("optimizer", "adafactor")
        app.session.edit("iters", "1609")
        await press(pilot, "enter")
        await sees(pilot, "the last 9 make none", "adafactor takes relative steps of its own")


async def test_it_is_whole_in_a_large_terminal_and_does_no_harm_in_a_small_one(folder):
    for size in ((160, 50), (40, 12)):
        async with app_on(folder, REFERENCE + COSINE, place="hyperparameters").run_test(size=size) as pilot:
            await ready(pilot)
            pilot.app.action_command("schedule")
            await sees(pilot, "cosine", "Rate")
            assert ("1,600 iterations" in screen_text(pilot.app)) or size[0] == 40
            await press(pilot, "escape")


def _place(app, text: str) -> tuple[int, int]:
    lines = screen_text(app).splitlines()
    return next((line.index(text), y) for y, line in enumerate(lines) if text in line)
