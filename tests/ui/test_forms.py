"""The forms by hand: typed keys and clicks in, the session's state and the screen out."""

import pytest

from app.config.groups import GROUPS
from app.config.registry import in_group
from app.data.rows import RowCounts
from app.ui.places import FORMS
from tests.ui.apps import (
    REFERENCE,
    app_on,
    at,
    click,
    facts,
    idle,
    place_of,
    press,
    ready,
    row,
    screen_text,
    sees,
    told,
    under_cursor,
    until,
    values,
)  # fmt: skip
from tests.ui.models import three_models

SIZE = (80, 24)


@pytest.fixture
async def form(folder):
    """A pilot in the first form of the reference's file."""
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        yield pilot


# Typing


async def test_what_is_typed_is_the_configuration_at_once(form):
    await at(form, "iters")
    await press(form, *"250")
    assert values(form.app)["iters"] == 250
    assert row(form.app, "iters").status == "● typed"
    assert "● edited" in screen_text(form.app).splitlines()[0]


async def test_an_edit_survives_going_to_another_group(form):
    await at(form, "seed")
    await press(form, *"7", "ctrl+n")
    assert form.app.place == FORMS[0]
    assert values(form.app)["seed"] == 7


async def test_text_under_the_cursor_is_not_rewritten_until_the_cursor_leaves(form):
    await at(form, "learning_rate")
    await press(form, *"0.00002")
    assert under_cursor(form.app) == ("learning_rate", "0.00002")
    assert values(form.app)["learning_rate"] == 2e-5
    await press(form, "tab", "shift+tab")
    assert under_cursor(form.app) == ("learning_rate", "2e-5")


async def test_facts_that_arrive_while_one_types_leave_the_text_alone(form):
    await at(form, "learning_rate")
    await press(form, *"0.0")
    form.app.session.rows_counted("rows", RowCounts(train=5))
    await press(form, "1")
    assert under_cursor(form.app) == ("learning_rate", "0.01")


async def test_a_burst_of_keys_goes_where_it_would_go_slowly(form):
    """As a slow link delivers them: nothing waits for the screen between two keys."""
    await at(form, "iters")
    await press(form, *"12", "backspace", *"50", "down", "down", *"512", "ctrl+z", "ctrl+z")
    await idle(form)
    assert (values(form.app)["iters"], values(form.app)["max_seq_length"]) == (1600, 800)
    await press(form, "ctrl+y", "ctrl+y")
    assert (values(form.app)["iters"], values(form.app)["max_seq_length"]) == (150, 512)


async def test_an_error_stands_at_the_field_and_in_the_help(form):
    await at(form, "batch_size")
    await press(form, "x")
    assert row(form.app, "batch_size").status == "✗ error"
    assert "✗ Type a" in form.app.screen.help.text
    assert values(form.app)["batch_size"] == 1
    await press(form, "ctrl+n")
    assert " ✗ Hyperparameters" in screen_text(form.app), "the place is marked"


async def test_rank_alpha_and_scale_follow_each_other_on_screen(form):
    await at(form, "lora_parameters.rank")
    await press(form, "4")
    assert row(form.app, "lora_parameters.scale").text == "2.0"
    assert row(form.app, "lora_alpha").text == "8"


async def test_a_structure_is_typed_as_yaml_and_wants_the_arrows_for_itself(form):
    await at(form, "lr_schedule")
    await press(form, *"name: cosine_decay", "enter", *"arguments: [1e-4, 9]", "up", "end", "enter", *"warmup: 5")
    await idle(form)
    assert values(form.app)["lr_schedule"] == {"name": "cosine_decay", "warmup": 5, "arguments": [1e-4, 9]}
    assert under_cursor(form.app)[0] == "lr_schedule"
    await press(form, "tab")
    assert under_cursor(form.app) == ("batch_size", "1"), "its lines have moved the fields below"
    assert place_of(form.app, "batch_size")[1] - place_of(form.app, "lr_schedule")[1] == 3


async def test_epochs_follow_the_rows_once_they_are_counted(form):
    await facts(form)
    await at(form, "epochs")
    assert under_cursor(form.app) == ("epochs", "2")
    await press(form, "3")
    assert values(form.app)["iters"] == 2400 and row(form.app, "iters").text == "2400"


async def test_a_folder_is_read_when_its_name_stands_not_at_every_letter(folder, monkeypatch):
    read = []
    monkeypatch.setattr("app.ui.inquiry.DEBOUNCE", 0.5)
    monkeypatch.setattr("app.ui.tracing.DEBOUNCE", 0.5)
    monkeypatch.setattr("app.ui.late_facts.count_rows", lambda folder, _: read.append(folder.name) or RowCounts())
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await facts(pilot)
        await at(pilot, "data")
        await pilot.press("end", *"_of_late")
        await until(pilot, lambda: read[-1] == "rows_of_late")
    assert read[0] == "rows" and len(read) < 5, "eight letters were typed"


async def test_editing_keys_do_once_what_they_say(form):
    await at(form, "adapter_path")
    await press(form, "left", "backspace", "home", "delete", "right", "backspace", "end", "ctrl+w")
    assert under_cursor(form.app) == ("adapter_path", "dels/SmolLM3-")
    await press(form, "ctrl+u", *"two  words")
    assert values(form.app)["adapter_path"] == "two  words"


# Undo


async def test_undo_shows_the_old_text_even_under_the_cursor_and_goes_to_the_field(form):
    await at(form, "iters")
    await press(form, *"77")
    await form.app.go(FORMS[0])
    await press(form, "ctrl+z")
    assert values(form.app)["iters"] == 1600
    assert under_cursor(form.app) == ("iters", "1600")
    await press(form, "ctrl+y")
    assert under_cursor(form.app) == ("iters", "77")


async def test_undo_and_redo_are_offered_while_they_would_do_something(form):
    assert "Undo" not in screen_text(form.app)
    await at(form, "iters")
    await press(form, "7")
    assert "^z Undo" in screen_text(form.app).splitlines()[-1]
    assert not form.app.works_now("redo")
    await press(form, "ctrl+z")
    assert "Undo" not in screen_text(form.app) and form.app.works_now("redo")


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
    async with app_on(folder, REFERENCE.replace("adamw", "adamant")).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at(pilot, "optimizer")
        assert row(pilot.app, "optimizer").status == "✗ error"
        await pilot.press("right")
        assert values(pilot.app)["optimizer"] == "adam" and row(pilot.app, "optimizer").status == "● typed"


# Going through the fields


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
    for column in (x + 2, x - 10, SIZE[0] - 4):
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


# Reset


async def test_reset_takes_the_one_other_value_at_once(form):
    await at(form, "val_batches")
    await press(form, *"7", "ctrl+k")
    assert values(form.app)["val_batches"] == 25 and under_cursor(form.app) == ("val_batches", "25")
    assert "mlx-lm's default again: 25" in told(form.app)


async def test_reset_asks_where_there_are_several(form):
    await at(form, "iters")
    await press(form, *"77", "ctrl+k")
    await sees(form, "Set Iterations to", "the file's value", "mlx-lm's default")
    await press(form, "down", "enter")
    assert values(form.app)["iters"] == 1000 and row(form.app, "iters").status == "● default"
    await press(form, "ctrl+k", "enter")
    assert values(form.app)["iters"] == 1600 and row(form.app, "iters").status == "file"


async def test_reset_leaves_all_as_it_is_where_one_would_rather_not(form):
    await at(form, "iters")
    await press(form, *"77", "ctrl+k", "escape")
    assert values(form.app)["iters"] == 77 and under_cursor(form.app)[0] == "iters"


async def test_reset_says_so_where_there_is_nothing_else(form):
    await at(form, "val_batches")
    await press(form, "ctrl+k")
    assert told(form.app) and not form.app.session.snapshot.can_undo


# Models


async def test_enter_on_the_model_offers_those_on_this_computer(form):
    three_models()
    await press(form, "enter")
    await sees(form, "Models on this computer", "HuggingFaceTB/SmolLM3-3B", "mlx-community/SmolLM-135M")
    await press(form, *"135", "enter")
    assert values(form.app)["model"] == "mlx-community/SmolLM-135M"
    assert under_cursor(form.app) == ("model", "mlx-community/SmolLM-135M")


async def test_another_model_is_named_by_hand(form):
    await press(form, "enter")
    await sees(form, "name or path of your own")
    await press(form, *"org/other", "enter")
    assert values(form.app)["model"] == "org/other"
    await press(form, "enter", "escape")
    assert values(form.app)["model"] == "org/other"


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
