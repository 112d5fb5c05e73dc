"""The forms by hand: typed keys in, the session's state and the screen out."""

import pytest
from textual.widgets import Input, OptionList

from app.config.registry import GROUPS, in_group
from app.data.rows import RowCounts
from app.ui.screens.dialogs import AskPath, Choose
from app.ui.screens.group import GroupScreen
from app.ui.widgets.field_row import FieldRow
from app.ui.widgets.help_panel import HelpPanel
from app.ui.widgets.segmented import Segmented
from tests.ui.apps import app_on

SIZE = (80, 24)


def row(app, key) -> FieldRow:
    return next(row for row in app.screen.query(FieldRow) if row.key == key)


def status(app, key) -> str:
    return str(row(app, key).query_one(".status").render())


async def test_what_is_typed_is_the_configuration_at_once(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("iters")
        await pilot.press(*"250")
        assert app.session.snapshot.config.values["iters"] == 250
        assert status(app, "iters") == "● typed"


async def test_an_edit_survives_going_to_another_group(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("seed")
        await pilot.press(*"7", "ctrl+n")
        await pilot.pause(0.1)
        assert app.current_mode == GROUPS[0].id
        assert app.session.snapshot.config.values["seed"] == 7


async def test_text_under_the_cursor_is_not_rewritten_until_the_cursor_leaves(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("learning_rate")
        await pilot.press(*"0.00002")
        field = row(app, "learning_rate").query_one(Input)
        assert field.value == "0.00002" and app.session.snapshot.config.values["learning_rate"] == 2e-5
        await pilot.press("tab")
        await pilot.pause()
        assert field.value == "2e-5"


async def test_facts_that_arrive_while_one_types_leave_the_text_alone(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("learning_rate")
        await pilot.press(*"0.0")
        app.session.rows_counted("rows", RowCounts(train=5))
        await pilot.press("1")
        assert row(app, "learning_rate").query_one(Input).value == "0.01"


async def test_an_error_stands_at_the_field_and_in_the_help(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("batch_size")
        await pilot.press("x")
        assert status(app, "batch_size") == "✗ error"
        assert "✗ Type a" in str(app.screen.query_one(HelpPanel).render())
        assert app.session.snapshot.config.values["batch_size"] == 1


async def test_rank_alpha_and_scale_follow_each_other_on_screen(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("lora_parameters.rank")
        await pilot.press("4")
        assert row(app, "lora_parameters.scale").query_one(Input).value == "2.0"
        assert row(app, "lora_alpha").query_one(Input).value == "8"


async def test_words_are_chosen_by_arrows_space_and_mouse(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("fine_tune_type")
        await pilot.press("right")
        assert app.session.snapshot.config.values["fine_tune_type"] == "dora"
        assert app.session.snapshot.config.values["use_dora"] is True
        await pilot.press("space")
        assert app.session.snapshot.config.values["fine_tune_type"] == "full"
        await pilot.click(row(app, "fine_tune_type").query_one(Segmented), offset=(2, 0))
        assert app.session.snapshot.config.values["fine_tune_type"] == "lora"


async def test_a_structure_is_typed_as_yaml(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("lr_schedule")
        await pilot.press(*(" {name: cosine_decay, arguments: [1e-4, 100]}"))
        assert app.session.snapshot.config.values["lr_schedule"]["name"] == "cosine_decay"


async def test_undo_shows_the_old_text_even_under_the_cursor_and_goes_to_the_field(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("iters")
        await pilot.press(*"77", "ctrl+g")
        await app.go(GROUPS[0].id)
        await pilot.press("ctrl+z")
        await pilot.pause(0.2)
        assert app.session.snapshot.config.values["iters"] == 1600
        assert row(app, "iters").query_one(Input).value == "1600" and row(app, "iters").query_one(Input).has_focus
        await pilot.press("ctrl+y")
        await pilot.pause(0.2)
        assert app.session.snapshot.config.values["iters"] == 77


async def test_epochs_follow_the_rows_once_they_are_counted(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.8)
        await app.go_to_field("epochs")
        assert row(app, "epochs").query_one(Input).value == "2"
        await pilot.press("3")
        assert app.session.snapshot.config.values["iters"] == 2400
        assert row(app, "iters").query_one(Input).value == "2400"


@pytest.mark.parametrize("group", [group.id for group in GROUPS])
async def test_every_parameter_has_its_row_and_its_help(folder, group):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go(group)
        for parameter in in_group(group):
            app.screen.focus_field(parameter.key)
            await pilot.pause()
            assert parameter.key in str(app.screen.query_one(HelpPanel).render())


async def test_the_list_of_groups_leads_everywhere(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+g", "down", "down", "enter")
        await pilot.pause(0.3)
        assert app.current_mode == GROUPS[2].id
        assert app.screen.query_one("#groups", OptionList).highlighted == 2


async def test_save_shows_the_difference_first_and_writes_only_when_told(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("iters")
        await pilot.press(*"77", "ctrl+s")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Choose)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert "iters: 1600" in (folder / "train.yaml").read_text()
        await pilot.press("ctrl+s")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.3)
        saved = (folder / "train.yaml").read_text()
        assert "iters: 77" in saved and "lora_parameters:" in saved and "# LoRA configuration" in saved
        assert not app.session.snapshot.dirty and isinstance(app.screen, GroupScreen)


async def test_a_conflict_on_disk_asks(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("iters")
        await pilot.press(*"77")
        (folder / "train.yaml").write_text("iters: 5\n")
        await pilot.press("ctrl+s")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Choose) and "+iters: 5" in str(app.screen.query("#text Static").first().render())
        assert (folder / "train.yaml").read_text() == "iters: 5\n"
        await pilot.press("right", "enter")
        await pilot.pause(0.3)
        assert app.session.snapshot.config.values["iters"] == 5


async def test_quitting_with_unsaved_edits_asks(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await app.go_to_field("iters")
        await pilot.press(*"77", "ctrl+q")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Choose) and app.is_running
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert isinstance(app.screen, GroupScreen)


async def test_opening_what_cannot_be_opened_says_so_and_loses_nothing(folder):
    app = app_on(folder)
    (folder / "bad.yaml").write_text("- a list\n")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+o")
        await pilot.pause(0.2)
        assert isinstance(app.screen, AskPath)
        await pilot.press(*"bad.yaml", "enter")
        await pilot.pause(0.3)
        assert app.document_name == "train.yaml"
        assert "bad.yaml" in str(app.screen.query_one("#complaint").render())
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert isinstance(app.screen, GroupScreen)


async def test_what_cannot_train_says_why_and_starts_nothing(folder):
    app = app_on(folder, "model: rows\ndata: rows\ntrain: true\n")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+r")
        await pilot.pause(0.4)
        assert isinstance(app.screen, Choose)
        assert "no config.json" in str(app.screen.query("#text Static").first().render())
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (200, 60)])
async def test_no_size_breaks_a_form(folder, size):
    app = app_on(folder)
    async with app.run_test(size=size) as pilot:
        for _ in GROUPS:
            await pilot.press("ctrl+n")
            await pilot.pause(0.05)
        assert app.is_running
