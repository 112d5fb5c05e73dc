"""No size of a terminal breaks a screen; one that is too small says so."""

import pytest

from app.ui.places import FORMS, PLACES
from app.ui.screens.dialogs import Choose
from tests.ui.apps import app_on, at, press, ready, screen_text, sees, until, values

TOO_SMALL = "This terminal is too small"


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (60, 20), (80, 24), (200, 60)])
async def test_every_place_stands_in_every_size(folder, size):
    async with app_on(folder).run_test(size=size) as pilot:
        await ready(pilot)
        for place in PLACES:
            await pilot.app.go(place.id)
            await pilot.pause()
            lines = screen_text(pilot.app).splitlines()
            assert len(lines) <= size[1] and max(map(len, lines)) <= size[0]


@pytest.mark.parametrize("size", [(40, 12), (80, 24), pytest.param((200, 60), marks=pytest.mark.slow)])
@pytest.mark.parametrize("id", ["find", "theme", "models", "keys", "save_as", "go"])
async def test_every_dialog_fits(folder, size, id):
    async with app_on(folder, place="lora").run_test(size=size) as pilot:
        await ready(pilot)
        pilot.app.action_command(id)
        await until(pilot, lambda: pilot.app.screen.is_modal)
        await pilot.pause()
        for widget in pilot.app.screen.children:
            assert widget.region in pilot.app.screen.region or not widget.region.area
        await press(pilot, "escape")
        assert not pilot.app.screen.is_modal


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
async def test_every_answer_of_a_question_is_seen(folder, size):
    answers = {"close": "Close", "go": "Go to Gradient checkpointing", "mend": "Mend", "train": "Train in spite of it"}
    async with app_on(folder).run_test(size=size) as pilot:
        await ready(pilot)
        pilot.app.push_screen(Choose("Before it trains", "This is a warning. " * 20, answers))
        await sees(pilot, "Before it trains", *answers.values())


async def test_a_terminal_too_small_says_so_and_comes_back_where_one_was(folder):
    async with app_on(folder).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await at(pilot, "iters")
        await press(pilot, *"77")
        before = screen_text(pilot.app)
        await pilot.resize_terminal(30, 8)
        await sees(pilot, TOO_SMALL, "40 columns")
        assert "Iterations" not in screen_text(pilot.app)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: TOO_SMALL not in screen_text(pilot.app))
        assert screen_text(pilot.app) == before and values(pilot.app)["iters"] == 77
        await press(pilot, "8")
        assert values(pilot.app)["iters"] == 778, "the cursor is where it was"


async def test_in_a_terminal_too_small_one_can_still_leave(folder):
    async with app_on(folder).run_test(size=(30, 8)) as pilot:
        await ready(pilot)
        await sees(pilot, TOO_SMALL)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app._exit)


async def test_the_smallest_screen_that_counts_shows_the_field_with_its_value(folder):
    async with app_on(folder).run_test(size=(40, 10)) as pilot:
        await ready(pilot)
        for group in FORMS:
            await pilot.app.go(group)
            await pilot.pause()
            row = pilot.app.screen.form.row
            assert row.label in screen_text(pilot.app) and row.text[-10:] in screen_text(pilot.app)


async def test_a_resize_keeps_field_and_text_in_their_place(folder):
    async with app_on(folder).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await at(pilot, "grad_checkpoint")
        for size in ((60, 12), (140, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await sees(pilot, "Grad checkpointing  ━━● true")
