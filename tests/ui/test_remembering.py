"""What is kept between two starts: theme, panels, places; and the person's own keys."""

from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from app.session.keymap import keymap_file
from app.session.settings import load_settings
from tests.ui.apps import app_on, at, hears, press, ready, screen_text, sees, told, until, values

SIZE = (120, 36)


@pytest.fixture
def state(folder) -> Path:
    return folder.parent / "kept"


def keymap(text: str) -> None:
    keymap_file().parent.mkdir(parents=True, exist_ok=True)
    keymap_file().write_text(text)


async def bound(pilot) -> None:
    """Waits until the keymap has been read."""
    await ready(pilot)
    await until(pilot, lambda: pilot.app.presets_folder is not None)
    lasting = ("queue",)
    await until(
        pilot, lambda: not [each for each in pilot.app.workers if not each.is_finished and each.group not in lasting]
    )


# Themes


async def themes(pilot) -> None:
    pilot.app.action_command("theme")
    await sees(pilot, "Theme", "type to narrow the list")


async def test_themes_are_shown_as_one_goes_through_them_and_escape_brings_the_old_one_back(folder, state):
    async with app_on(folder, state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        before = pilot.app.theme
        await themes(pilot)
        seen = []
        for _ in range(3):
            await pilot.press("up")
            await pilot.pause()
            seen.append(pilot.app.theme)
        assert len({before, *seen}) == 4
        await press(pilot, "escape")
        assert pilot.app.theme == before
    assert load_settings(state).theme != seen[-1]


async def test_a_theme_that_is_taken_is_kept(folder, state):
    async with app_on(folder, state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await themes(pilot)
        await press(pilot, *"nord", "enter")
        assert pilot.app.theme == "nord"
        assert load_settings(state).theme == "nord", "at once, whatever happens later"


@pytest.mark.parametrize("theme", BUILTIN_THEMES)
async def test_every_theme_shows_a_form(folder, theme):
    async with app_on(folder, theme=theme).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await sees(pilot, "HuggingFaceTB/SmolLM3-3B")
        assert pilot.app.theme == theme


async def test_a_theme_that_is_no_more_is_passed_over(folder):
    async with app_on(folder, theme="of-another-version").run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert pilot.app.theme in BUILTIN_THEMES


# Panels and places


async def test_the_side_panel_goes_comes_and_is_remembered(folder, state):
    async with app_on(folder, state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "effective batch 16", "▪ Derived")
        pilot.app.action_command("side_panel")
        await until(pilot, lambda: "▪ Derived" not in screen_text(pilot.app))
        await sees(pilot, "epochs", "updates 100 ·")
    async with app_on(folder, state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "updates 100 ·")
        assert "▪ Derived" not in screen_text(pilot.app)
        pilot.app.action_command("side_panel")
        await sees(pilot, "▪ Derived")


async def test_where_one_was_is_remembered(folder, state):
    async with app_on(folder, place="lora", state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+d")
    kept = load_settings(state)
    assert (kept.screen, kept.group) == ("review", "lora")
    async with app_on(folder, place="review", state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+t")
        await press(pilot, "ctrl+t")
        assert pilot.app.place == "lora"


async def test_a_state_folder_that_cannot_be_written_stops_nothing(folder):
    (folder / "file").write_text("")
    async with app_on(folder, state=folder / "file").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await themes(pilot)
        await press(pilot, *"nord", "enter")
        assert pilot.app.theme == "nord"


# Keys of one's own


async def test_a_command_takes_another_key_and_gives_up_its_own(folder):
    keymap("save: ctrl+w\n")
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await bound(pilot)
        await at(pilot, "iters")
        await press(pilot, *"77", "ctrl+s")
        assert not pilot.app.screen.is_modal and "^w Save" in screen_text(pilot.app).splitlines()[-1]
        await press(pilot, "ctrl+w")
        await sees(pilot, "Save train.yaml")


async def test_a_key_may_be_taken_away(folder):
    keymap("start:\n")
    async with app_on(folder, "model: rows\ndata: rows\ntrain: true\n").run_test(size=SIZE) as pilot:
        await bound(pilot)
        await press(pilot, "ctrl+r")
        assert not pilot.app.screen.is_modal
        pilot.app.action_command("start")
        await sees(pilot, "This cannot train yet")


async def test_the_help_shows_the_keys_as_they_are(folder):
    keymap("save: f5\n")
    async with app_on(folder).run_test(size=(100, 60)) as pilot:
        await bound(pilot)
        await press(pilot, "f1")
        shown = await sees(pilot, "Write the YAML file")
        assert "f5" in next(line for line in shown.splitlines() if "Write the YAML file" in line)


async def test_what_is_wrong_with_the_keymap_is_said_and_the_rest_counts(folder):
    keymap("sve: ctrl+w\nquit: x\nredo: f6\nopen: ctrl+s\n")
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await bound(pilot)
        await hears(pilot, "did you mean save?", "x is typed into fields", "ctrl+s is the key of save already")
        assert "keymap.yaml:1: sve:" in told(pilot.app)
        await at(pilot, "iters")
        await press(pilot, *"77", "ctrl+z", "f6")
        assert values(pilot.app)["iters"] == 77


async def test_a_keymap_that_is_no_yaml_leaves_the_keys_as_they_were(folder):
    keymap("save: [\n")
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await bound(pilot)
        await hears(pilot, "keymap.yaml")
        await press(pilot, "ctrl+d")
        assert pilot.app.place == "review"
