"""The ways through the fields, the groups and the places, by keys and by the mouse."""

import pytest

from app.config.groups import GROUPS
from app.config.registry import in_group
from app.ui.places import FORMS
from tests.ui.apps import (
    app_on,
    at,
    click,
    idle,
    place_of,
    press,
    ready,
    screen_text,
    sees,
    under_cursor,
)  # fmt: skip


@pytest.mark.parametrize("group", [group.id for group in GROUPS])
async def test_every_parameter_has_its_row_and_its_help(form, group):
    await form.app.go(group)
    for parameter in in_group(group):
        form.app.screen.form.go(parameter.key)
        await form.pause()
        assert parameter.label in screen_text(form.app)
        assert form.app.screen.help.text.startswith(parameter.key)


async def test_arrows_and_enter_walk_the_fields_and_stop_at_the_ends(form):
    keys = [each.key for each in form.app.screen.form.rows]
    await press(form, "up")
    assert under_cursor(form.app)[0] == keys[0]
    for key in keys[1:]:
        await press(form, "down")
        assert under_cursor(form.app)[0] == key
    await press(form, "down", "up", "enter")
    assert under_cursor(form.app)[0] == keys[-1]


async def test_tab_goes_through_the_fields_and_the_places_and_round_again(form):
    app, keys = form.app, [each.key for each in form.app.screen.form.rows]
    for key in keys[1:]:
        await press(form, "tab")
        assert under_cursor(app)[0] == key
    await press(form, "tab")
    assert app.screen.places.has_focus and not app.screen.form.has_cursor
    await press(form, "tab")
    assert under_cursor(app)[0] == keys[0]
    await press(form, "shift+tab")
    assert app.screen.places.has_focus
    await press(form, "shift+tab")
    assert under_cursor(app)[0] == keys[-1]
    await press(form, "shift+tab")
    assert under_cursor(app)[0] == keys[-2]


async def test_escape_leads_from_the_places_back_to_the_field(form):
    await at(form, "text_feature")
    await press(form, "tab")
    assert form.app.screen.places.has_focus
    await press(form, "escape")
    assert under_cursor(form.app)[0] == "text_feature"


async def test_a_click_on_a_field_brings_the_cursor_and_its_help(form):
    x, y = place_of(form.app, "data")
    for column in (x + 2, x - 10, 80 - 4):
        await at(form, "text_feature")
        await click(form, column, y)
        assert under_cursor(form.app) == ("data", "rows")
        assert form.app.screen.help.text.startswith("data ")


async def test_the_list_of_places_leads_everywhere(form):
    await press(form, "shift+tab", "down", "down", "enter")
    assert form.app.place == FORMS[2] and form.app.screen.form.has_cursor
    assert "▌  Optimizer" in screen_text(form.app)
    y = next(y for y, line in enumerate(screen_text(form.app).splitlines()) if "Presets" in line[:20])
    await click(form, 6, y)
    await idle(form)
    assert form.app.place == "presets"


async def test_a_key_of_the_key_bar_is_a_mouse_target_from_its_first_cell_to_its_last(folder):
    async with app_on(folder).run_test(size=(160, 24)) as pilot:
        await ready(pilot)
        for at_end, place in ((0, FORMS[1]), (1, FORMS[2])):
            x = screen_text(pilot.app).splitlines()[-1].index("^n Next") + at_end * len("^n Next")
            await click(pilot, x, 23)
            assert pilot.app.place == place


async def test_groups_follow_each_other_round(form):
    for group in (*FORMS[1:], FORMS[0]):
        await press(form, "ctrl+n")
        assert form.app.place == group and form.app.screen.form.has_cursor
    await press(form, "ctrl+b")
    assert form.app.place == FORMS[-1]


async def test_a_field_beyond_the_screen_is_scrolled_to(folder):
    async with app_on(folder).run_test(size=(80, 14)) as pilot:
        await ready(pilot)
        await pilot.app.go("hyperparameters")
        await pilot.press(*["down"] * 10)
        assert "Grad checkpointing" in screen_text(pilot.app)
        await pilot.press(*["up"] * 10)
        assert "Learning rate" in screen_text(pilot.app) and "Grad checkpointing" not in screen_text(pilot.app)


async def test_escape_leaves_the_field_so_that_letters_are_commands(folder):
    async with app_on(folder).run_test(size=(120, 36)) as pilot:
        for place, back in (("lora", under_cursor), ("start", lambda app: app.screen.focused.id)):
            await ready(pilot)
            await pilot.app.go(place)
            await sees(pilot, "esc leaves the field")
            before = back(pilot.app)
            await press(pilot, "escape")
            assert "esc leaves" not in screen_text(pilot.app)
            await press(pilot, "question_mark")
            await sees(pilot, "Keys (^ is Ctrl")
            await press(pilot, "escape")
            if pilot.app.screen.places.has_focus:  # Start gives its field the keys whenever it comes back
                await press(pilot, "escape")
            assert back(pilot.app) == before
