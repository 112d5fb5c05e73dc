"""Saving, and all that keeps work from being lost."""

import asyncio

import pytest

from app.config.presets import load_presets, user_folder
from app.ui.screens.dialogs import AskText, Choose
from app.ui.screens.form import FormScreen
from tests.ui.apps import app_on, at, hears, press, ready, screen_text, sees, told, until, values

SIZE = (80, 24)


@pytest.fixture
async def edited(folder):
    """A pilot in a form with 77 iterations where the file has 1600."""
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at(pilot, "iters")
        await press(pilot, *"77")
        yield pilot


def on_disk(folder) -> str:
    return (folder / "train.yaml").read_text()


# Saving


async def test_save_shows_the_difference_first_and_writes_only_when_told(edited, folder):
    await press(edited, "ctrl+s")
    await sees(edited, "Save train.yaml", "-iters: 1600", "+iters: 77")
    await press(edited, "escape")
    assert "iters: 1600" in on_disk(folder)
    await press(edited, "ctrl+s")
    await sees(edited, "Save train.yaml")
    await press(edited, "enter")
    await until(edited, lambda: not edited.app.is_dirty)
    saved = on_disk(folder)
    assert "iters: 77" in saved and "lora_parameters:" in saved and "# LoRA configuration" in saved
    assert isinstance(edited.app.screen, FormScreen) and "Saved train.yaml" in told(edited.app)
    assert "● edited" not in screen_text(edited.app)


async def test_a_file_without_changes_is_not_written(folder):
    text = "model: m\niters: 10\n"
    async with app_on(folder, text).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+s")
        await hears(pilot, "Nothing to save")
        assert on_disk(folder) == text


async def test_an_error_is_not_saved_but_named(edited, folder):
    await press(edited, "x", "ctrl+s")
    await hears(edited, "Not saved. iters:")
    assert "iters: 1600" in on_disk(folder)


async def test_save_as_asks_for_a_name_and_goes_on_there(edited, folder):
    edited.app.action_command("save_as")
    await sees(edited, "Save as")
    await press(edited, "ctrl+u", *"other.yaml", "enter")
    await until(edited, lambda: edited.app.document_name == "other.yaml")
    assert "iters: 77" in (folder / "other.yaml").read_text() and "iters: 1600" in on_disk(folder)
    assert not edited.app.is_dirty


async def test_save_as_over_another_file_asks(edited, folder):
    (folder / "other.yaml").write_text("iters: 5\n")
    edited.app.action_command("save_as")
    await sees(edited, "Save as")
    await press(edited, "ctrl+u", *"other.yaml", "enter")
    await sees(edited, "other.yaml exists.")
    await press(edited, "right", "enter")
    assert (folder / "other.yaml").read_text() == "iters: 5\n" and edited.app.is_dirty


async def test_save_as_where_nothing_can_be_written_says_so(edited):
    edited.app.action_command("save_as")
    await sees(edited, "Save as")
    await press(edited, "ctrl+u", *"nowhere/other.yaml", "enter")
    await hears(edited, "nowhere/other.yaml")
    assert edited.app.document_name == "train.yaml" and edited.app.is_dirty


async def test_a_path_is_completed_while_it_is_typed(edited, folder):
    (folder / "kept").mkdir()
    (folder / "kept" / "style.yaml").write_text("iters: 1\n")
    edited.app.action_command("save_as")
    await sees(edited, "Save as")
    await press(edited, "ctrl+u", *"ke")
    await sees(edited, "kept/")
    await edited.press("right")
    await sees(edited, "kept/style.yaml")
    await edited.press("right")
    assert edited.app.screen.query_one("Input").value == "kept/style.yaml"


async def test_a_file_that_cannot_be_edited_in_place_is_rewritten_only_when_told(folder):
    text = "defaults: &rank {rank: 8, scale: 20.0, dropout: 0.0}\nlora_parameters: *rank\nmodel: m\n"
    async with app_on(folder, text).run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        await at(pilot, "lora_parameters.rank")
        await press(pilot, *"16", "ctrl+s")
        await sees(pilot, "This file cannot be edited in place", "Rewrite it")
        await press(pilot, "escape")
        assert on_disk(folder) == text
        await press(pilot, "ctrl+s")
        await sees(pilot, "This file cannot be edited in place")
        await press(pilot, "enter")
        await sees(pilot, "Save train.yaml")
        await press(pilot, "enter")
        await until(pilot, lambda: not pilot.app.is_dirty)
        assert "rank: 16" in on_disk(folder)


# Somebody else writes the file


async def test_a_conflict_on_disk_asks_whose_version_stays(edited, folder):
    (folder / "train.yaml").write_text("iters: 5\n")
    await press(edited, "ctrl+s")
    await sees(edited, "train.yaml changed on disk", "-# Base model")
    await edited.press("pagedown", "pagedown")
    await sees(edited, "+iters: 5")
    await press(edited, "enter")
    assert on_disk(folder) == "iters: 5\n" and values(edited.app)["iters"] == 77, "the first answer is the harmless one"
    await press(edited, "ctrl+s")
    await sees(edited, "train.yaml changed on disk")
    await press(edited, "right", "enter")
    await until(edited, lambda: values(edited.app)["iters"] == 5)


async def test_ones_own_version_may_win(edited, folder):
    (folder / "train.yaml").write_text("iters: 5\n")
    await press(edited, "ctrl+s")
    await sees(edited, "train.yaml changed on disk")
    await press(edited, "left", "enter")
    await until(edited, lambda: not edited.app.is_dirty)
    assert "iters: 77" in on_disk(folder)


async def test_a_changed_file_is_shown_anew_where_nothing_would_be_lost(folder):
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at(pilot, "iters")
        (folder / "train.yaml").write_text("iters: 5\n")
        await hears(pilot, "train.yaml has changed on disk, and is shown as it is now.")
        assert values(pilot.app)["iters"] == 5 and "5" in screen_text(pilot.app)
        assert pilot.app.screen.form._line.value == "5", "under the cursor, too"


async def test_a_changed_file_is_told_of_where_one_has_typed(edited, folder):
    (folder / "train.yaml").write_text("iters: 5\n")
    await hears(edited, "Saving will ask whose version stays.")
    assert values(edited.app)["iters"] == 77


async def test_a_file_that_becomes_unreadable_keeps_what_was_shown(folder):
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        (folder / "train.yaml").write_text("- a list\n")
        await hears(pilot, "cannot be shown")
        assert values(pilot.app)["iters"] == 1600


async def test_a_file_that_goes_away_loses_nothing(folder):
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        (folder / "train.yaml").unlink()
        await until(pilot, lambda: told(pilot.app))
        assert values(pilot.app)["iters"] == 1600


async def test_ones_own_save_is_nobody_elses_change(edited):
    await press(edited, "ctrl+s")
    await sees(edited, "Save train.yaml")
    await press(edited, "enter")
    await hears(edited, "Saved train.yaml")
    await asyncio.sleep(0.3)
    assert "changed on disk" not in told(edited.app)


# Leaving


async def test_quitting_with_unsaved_edits_asks(edited):
    await press(edited, "ctrl+q")
    await sees(edited, "Unsaved changes")
    await press(edited, "escape")
    assert isinstance(edited.app.screen, FormScreen) and edited.app.is_running
    await press(edited, "ctrl+q")
    await sees(edited, "Unsaved changes")
    await edited.press("right", "enter")
    await until(edited, lambda: edited.app._exit)


async def test_quitting_may_save_first(edited, folder):
    await press(edited, "ctrl+q")
    await sees(edited, "Unsaved changes")
    await edited.press("enter")
    await sees(edited, "Save train.yaml")
    await edited.press("enter")
    await until(edited, lambda: edited.app._exit)
    assert "iters: 77" in on_disk(folder)


async def test_an_open_question_leaves_only_quit(edited):
    await press(edited, "ctrl+s")
    await sees(edited, "Save train.yaml")
    for key in ("ctrl+r", "ctrl+s", "ctrl+g", "ctrl+f", "ctrl+z", "ctrl+t", "ctrl+d"):
        await press(edited, key)
        assert isinstance(edited.app.screen, Choose) and edited.app.place == "hyperparameters"
    assert [id for id in edited.app.keys if edited.app.works_now(id)] == ["quit"]


# Presets of one's own


async def test_values_are_kept_as_a_preset(edited):
    edited.app.action_command("save_preset")
    await sees(edited, "Name of the preset")
    await press(edited, *"Mine [x]", "enter")
    await hears(edited, "Kept as")
    presets, complaints = load_presets(user_folder())
    kept = next(preset for preset in presets if not preset.shipped)
    assert kept.name == "Mine [x]" and not complaints
    assert {setting.key: setting.value for setting in kept.settings}["lora_parameters.rank"] == 8
    assert "iters" not in {setting.key for setting in kept.settings}, "that belongs to the job"


async def test_a_preset_that_stands_is_replaced_only_when_told(edited):
    for answer in ("enter", "right"):
        edited.app.action_command("save_preset")
        await sees(edited, "Name of the preset")
        await press(edited, *"Style", "enter")
        await sees(edited, "There is such a preset")
        await press(edited, answer, *["enter"] * (answer == "right"))
    await hears(edited, "Kept as")
    presets, _ = load_presets(user_folder())
    assert [preset.id for preset in presets if not preset.shipped] == ["style"]


async def test_where_no_value_was_given_there_is_no_preset_to_keep(folder):
    async with app_on(folder, None).run_test(size=SIZE) as pilot:
        await ready(pilot)
        pilot.app.action_command("save_preset")
        await sees(pilot, "Name of the preset")
        assert isinstance(pilot.app.screen, AskText)
        await press(pilot, *"Mine", "enter")
        await hears(pilot, "No value was given yet")
