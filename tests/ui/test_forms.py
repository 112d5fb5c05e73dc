"""The forms by hand: typed keys in, the session's state and the screen out."""

from app.data.rows import RowCounts
from app.ui.places import FORMS
from tests.ui.apps import (
    app_on,
    at,
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
    async with app_on(folder).run_test(size=(80, 24)) as pilot:
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
