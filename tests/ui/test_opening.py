"""The first moments, while a file is still being read: keys and clicks come already."""

from threading import Event

import pytest

from app.session.watch import Watch
from app.ui.places import FORMS, PLACES
from app.ui.widgets.place_list import PlaceList
from tests.ui.apps import app_on, idle, press, ready, screen_text, sees, story, told_run, until

SIZE = (120, 36)
KEYS = ("ctrl+p", "ctrl+g", "f1", "ctrl+r", "ctrl+s", "ctrl+f", "ctrl+d", "t", "r", "enter")


def opening_slowly(app) -> Event:
    """Lets it read its file only once the event is set."""
    may_read, opening = Event(), app._opening

    def slowly():
        assert may_read.wait(10)
        return opening()

    app._opening = slowly
    return may_read


@pytest.mark.parametrize("place", ["core", "start"])
async def test_keys_before_the_file_is_read_break_nothing(folder, place):
    app = app_on(folder, place=place)
    may_read = opening_slowly(app)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*KEYS)
        may_read.set()
        await ready(pilot)
        assert not app.screen.is_modal and app.place == place
        await press(pilot, "ctrl+t")
        await sees(pilot, "No run is watched")
        await press(pilot, "ctrl+p")
        await sees(pilot, "Search")


@pytest.mark.parametrize("place", ["core", "start"])
async def test_one_can_leave_before_the_file_is_read(folder, place):
    app = app_on(folder, place=place)
    may_read = opening_slowly(app)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
        may_read.set()
        await pilot.pause()


async def test_a_place_may_be_chosen_before_the_file_is_read(folder):
    for place in [place for place in PLACES if place.id not in FORMS[1:]]:
        app = app_on(folder)
        may_read = opening_slowly(app)
        async with app.run_test(size=SIZE) as pilot:
            places = app.screen.places
            places.post_message(PlaceList.Chosen(places, place.id))
            await until(pilot, lambda app=app, id=place.id: app.place == id)
            may_read.set()
            await ready(pilot)
            assert app.place == place.id and place.label in screen_text(app)


async def test_a_run_is_shown_although_keys_came_first(folder):
    app = app_on(folder)
    run, opening = told_run(folder, story()), app._opening
    app._opening = lambda: opening().__class__(opening().session, Watch(run))
    may_read = opening_slowly(app)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p", "f1", "ctrl+g")
        may_read.set()
        await ready(pilot)
        await sees(pilot, "finished at iteration 400")


async def test_a_key_of_a_command_is_not_for_the_screen_below_the_palette(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+p")
        await sees(pilot, "Search")
        await pilot.press("f1", "ctrl+d", "ctrl+r")
        await idle(pilot)
        assert app.place == "core" and len(app.screen_stack) == 2
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
