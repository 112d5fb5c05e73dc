"""Ways to a field or a place: by its letter, by a word of it, by the palette."""

import pytest

from app.ui.places import FORMS, PLACES
from app.ui.screens.form import FormScreen
from app.ui.screens.go import Go
from app.ui.screens.pick import Pick
from app.ui.widgets.line_list import LineList
from tests.ui.apps import app_on, at, click, idle, press, ready, screen_text, sees, under_cursor, until, values


def place_letters(app) -> dict[str, str]:
    """The letter that jump mode shows before each place."""
    return _letters(app, [place.label for place in PLACES], slice(0, 19))


def field_letters(app) -> dict[str, str]:
    """The letter that it shows before each field."""
    return _letters(app, [row.label for row in app.screen_stack[0].form.rows], slice(20, 41))


def _letters(app, labels: list[str], columns: slice) -> dict[str, str]:
    cells = [line[columns].split(maxsplit=1) for line in screen_text(app).splitlines()[1:17]]
    shown = {cell[1]: cell[0] for cell in cells if len(cell) == 2 and len(cell[0]) == 1}
    return {label: letter for label in labels for words, letter in shown.items() if label.startswith(words.strip())}


# Jump mode


async def test_a_letter_leads_to_a_place(form):
    await press(form, "ctrl+g")
    await press(form, place_letters(form.app)["LoRA"])
    assert form.app.place == "lora" and form.app.screen.form.has_cursor
    await press(form, "ctrl+g")
    await press(form, place_letters(form.app)["Review"])
    assert form.app.place == "review"


async def test_a_letter_leads_to_a_field_of_the_form(form):
    await press(form, "ctrl+g")
    await press(form, field_letters(form.app)["Completion field"])
    assert under_cursor(form.app) == ("completion_feature", "completion")


async def test_train_is_a_place_and_a_field(form):
    await press(form, "ctrl+g")
    place, field = place_letters(form.app)["Train"], field_letters(form.app)["Train"]
    await press(form, field)
    assert under_cursor(form.app) == ("train", "true")
    await press(form, "ctrl+g", place)
    assert form.app.place == "train"


async def test_every_place_and_field_has_a_letter_of_its_own(form):
    for group in FORMS:
        await form.app.go(group)
        labels = [row.label for row in form.app.screen.form.rows]
        await press(form, "ctrl+g")
        places, fields = place_letters(form.app), field_letters(form.app)
        assert list(places) == [place.label for place in PLACES] and list(fields) == labels
        assert len({*places.values(), *fields.values()}) == len(places) + len(fields)
        await press(form, "escape")


async def test_arrows_and_enter_lead_to_a_place_too(form):
    await press(form, "ctrl+g", "down", "down", "up", "down", "enter")
    assert form.app.place == FORMS[2]


async def test_escape_and_a_key_without_a_place_leave_all_as_it_was(form):
    await at(form, "data")
    before = screen_text(form.app)
    for key in ("escape", "1", "ctrl+g"):
        await press(form, "ctrl+g")
        assert isinstance(form.app.screen, Go) and screen_text(form.app) != before
        await press(form, key)
        assert screen_text(form.app) == before
        assert under_cursor(form.app) == ("data", "rows")


async def test_a_click_ends_it(form):
    before = screen_text(form.app)
    await press(form, "ctrl+g")
    await click(form, 40, 12)
    assert screen_text(form.app) == before


async def test_where_there_is_no_list_of_places_it_appears_and_goes_again(folder):
    async with app_on(folder).run_test(size=(50, 24)) as pilot:
        await ready(pilot)
        assert "Hyperparameters" not in screen_text(pilot.app)
        await press(pilot, "ctrl+g")
        await sees(pilot, "Hyperparameters")
        await press(pilot, "escape")
        await until(pilot, lambda: "Hyperparameters" not in screen_text(pilot.app))
        await press(pilot, "ctrl+g")
        await press(pilot, "f")
        assert pilot.app.place == "hyperparameters"


# Find


async def found(pilot, *typed: str) -> list[str]:
    """The entries of the list after typing, in their order."""
    await pilot.press(*typed)
    await pilot.pause()
    return [line.id for line in pilot.app.screen.query_one("#entries", LineList)._lines if line.id]


async def opened(pilot) -> None:
    await press(pilot, "ctrl+f")
    await sees(pilot, "Find a parameter")


async def test_a_parameter_is_found_by_its_label_key_older_name_and_group(form):
    for typed, key in (
        ("learning", "learning_rate"), ("lora_layers", "num_layers"), ("lora_rank", "lora_parameters.rank"),
        ("advanced seed", "seed"),
    ):  # fmt: skip
        await opened(form)
        assert (await found(form, *typed))[0] == key
        await press(form, "enter")
        assert under_cursor(form.app)[0] == key


async def test_every_word_counts_and_names_come_before_help_texts(form):
    await opened(form)
    by_name = await found(form, *"save")
    assert by_name[0] == "save_every" and len(by_name) > 1
    assert await found(form, *" every") == ["save_every"]
    assert await found(form, *" zzz") == []
    assert "Nothing fits." in screen_text(form.app)
    await press(form, "enter", "escape")
    assert isinstance(form.app.screen, FormScreen)


async def test_the_list_shows_value_origin_and_help_of_each(form):
    await at(form, "iters")
    await press(form, *"77")
    await opened(form)
    await found(form, *"iterations")
    shown = screen_text(form.app)
    assert "Iterations" in shown and "77" in shown and "● typed" in shown and "iters  integer" in shown


async def test_arrows_and_the_mouse_choose_while_the_letters_go_into_the_filter(form):
    await opened(form)
    keys = await found(form, *"steps")
    await press(form, "down", "enter")
    assert under_cursor(form.app)[0] == keys[1]
    await opened(form)
    await found(form, *"steps")
    lines = screen_text(form.app).splitlines()
    y = next(y for y, line in enumerate(lines) if "Steps per eval" in line)
    await click(form, 20, y)
    await until(form, lambda: not isinstance(form.app.screen, Pick))
    assert under_cursor(form.app)[0] == "steps_per_eval"


async def test_epochs_are_found_too(form):
    await opened(form)
    assert await found(form, *"epochs") == ["epochs"]
    await press(form, "enter")
    assert under_cursor(form.app)[0] == "epochs"


async def test_a_filter_that_is_left_changes_nothing(form):
    await at(form, "seed")
    await opened(form)
    await found(form, *"rank")
    await press(form, "escape")
    assert under_cursor(form.app) == ("seed", "42") and not form.app.session.snapshot.dirty


# The palette


async def test_the_palette_finds_places_and_parameters_by_any_name(form):
    await press(form, "ctrl+p")
    await sees(form, "Search")
    await form.press(*"lora_rank")
    await sees(form, "lora_parameters.rank")
    await form.press("enter")
    await until(form, lambda: form.app.place == "lora")
    assert under_cursor(form.app)[0] == "lora_parameters.rank"


async def test_what_is_typed_behind_the_palettes_key_goes_into_it(form):
    await at(form, "iters")
    await form.press("ctrl+p", *"review")
    await sees(form, "Go to Review")
    assert values(form.app)["iters"] == 1600


# Places in a burst of keys


@pytest.mark.parametrize("keys", [("ctrl+t", "ctrl+d"), ("ctrl+d", "ctrl+l", "ctrl+n"), ("ctrl+l", "ctrl+o", "ctrl+d")])
async def test_what_is_shown_is_the_place_that_one_is_told_to_be_in(form, keys):
    """No key waits here for the one before to be done."""
    app = form.app
    for key in keys:
        app.simulate_key(key)
    await idle(form)
    label = next(place.label for place in PLACES if place.id == app.place)
    assert screen_text(app).startswith(f" tunedeck   {label} · train.yaml")
    assert app.current_mode == ("form" if app.place in FORMS else app.place)
