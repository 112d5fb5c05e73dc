"""Numbers stepped and words chosen in the forms, by keys and by the mouse."""

from tests.ui.apps import (
    REFERENCE,
    app_on,
    at,
    click,
    place_of,
    press,
    ready,
    row,
    screen_text,
    under_cursor,
    values,
)  # fmt: skip

# Stepping numbers


async def test_numbers_step_down_and_up(form):
    await at(form, "learning_rate")
    await press(form, "greater_than_sign")
    assert under_cursor(form.app) == ("learning_rate", "2e-5")
    await press(form, "less_than_sign", "less_than_sign")
    assert under_cursor(form.app) == ("learning_rate", "5e-6")
    await press(form, "ctrl+z")
    assert values(form.app)["learning_rate"] == 1e-5, "as many steps as one took are one change"


async def test_a_step_begins_at_what_was_just_typed(form):
    await at(form, "batch_size")
    await press(form, *"4", "greater_than_sign")
    assert values(form.app)["batch_size"] == 8


async def test_the_signs_are_text_where_no_number_is_wanted(form):
    await at(form, "adapter_path")
    await press(form, "end", "greater_than_sign")
    assert under_cursor(form.app) == ("adapter_path", "models/SmolLM3-3B_run5>")


async def test_the_stepper_is_a_mouse_target(form):
    await at(form, "learning_rate")
    x, y = _stepper(form.app, "learning_rate")
    await click(form, x + 2, y)
    assert values(form.app)["learning_rate"] == 2e-5
    await click(form, x, y)
    assert values(form.app)["learning_rate"] == 1e-5


def _stepper(app, key) -> tuple[int, int]:
    y = place_of(app, key)[1]
    return screen_text(app).splitlines()[y].index("‹ ›"), y


# Choosing words


async def test_words_are_chosen_by_arrows_space_and_mouse(form):
    await at(form, "fine_tune_type")
    await press(form, "right")
    assert values(form.app)["fine_tune_type"] == "dora" and values(form.app)["use_dora"] is True
    await press(form, "space")
    assert values(form.app)["fine_tune_type"] == "full"
    await press(form, "right")
    assert values(form.app)["fine_tune_type"] == "lora", "round again"
    await press(form, "left")
    assert values(form.app)["fine_tune_type"] == "full"
    x, y = place_of(form.app, "fine_tune_type")
    assert screen_text(form.app).splitlines()[y][x:].startswith("lora dora ‹full›")
    await click(form, x + 6, y)
    assert values(form.app)["fine_tune_type"] == "dora"


async def test_words_are_chosen_by_their_first_letter_which_is_no_command_there(form):
    await at(form, "optimizer")
    for letter, word in (("s", "sgd"), ("a", "adafactor"), ("a", "adam"), ("a", "adamw"), ("M", "muon"), ("v", "muon")):
        await press(form, letter)
        assert values(form.app)["optimizer"] == word
    await at(form, "train")
    await press(form, "f")
    assert values(form.app)["train"] is False and form.app.place == "core"


async def test_a_switch_is_thrown_by_space_and_by_a_click(form):
    await at(form, "train")
    await press(form, "space")
    assert values(form.app)["train"] is False and "●── false" in screen_text(form.app)
    await click(form, *place_of(form.app, "train"))
    assert values(form.app)["train"] is True and "━━● true" in screen_text(form.app)


async def test_a_bad_word_of_the_file_gives_way_to_the_first(folder):
    async with app_on(folder, REFERENCE.replace("adamw", "adamant")).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await at(pilot, "optimizer")
        assert row(pilot.app, "optimizer").status == "✗ error"
        await pilot.press("right")
        assert values(pilot.app)["optimizer"] == "adam" and row(pilot.app, "optimizer").status == "● typed"
