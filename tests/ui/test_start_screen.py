"""Where one begins: recent files, a path of any kind, something new."""

import json
from pathlib import Path

import pytest
from textual import events

from app.session.recent import recent_files, remember
from app.ui.places import FIRST_FORM
from app.ui.screens.start import StartScreen
from tests.ui.apps import (
    REFERENCE,
    app_on,
    at,
    click,
    facts,
    hears,
    idle,
    press,
    ready,
    screen_text,
    sees,
    told,
    until,
    values,
)
from tests.ui.models import model_folder

SIZE = (100, 30)


@pytest.fixture
def state(folder) -> Path:
    """The folder where the app keeps what it remembers."""
    return folder.parent / "kept"


@pytest.fixture
async def start(folder, state):
    """A pilot on the Start screen, with no file open and a model and data beside it."""
    model_folder(folder / "tiny")
    (folder / "letters").mkdir()
    (folder / "letters" / "train.jsonl").write_text('{"text": "a"}\n' * 300)
    (folder / "letters" / "valid.jsonl").write_text('{"text": "a"}\n' * 20)
    (folder / "style.yaml").write_text("iters: 55\n")
    (folder / "gone.yaml").write_text("iters: 56\n")
    for name in ("gone.yaml", "style.yaml"):
        remember(state, folder / name)
    (folder / "gone.yaml").unlink()
    async with app_on(folder, None, place="start", state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "Recent", "style.yaml")
        yield pilot


async def paste(pilot, text: str) -> None:
    """As a terminal delivers a paste or a dropped file."""
    pilot.app.post_message(events.Paste(text))
    await idle(pilot)


async def choose(pilot, words: str) -> None:
    """Goes down to the entry that holds these words, and takes it."""
    choices = pilot.app.screen.choices
    for _ in choices._lines:
        await pilot.press("up")
    for _ in choices._lines:
        if words in next(line.words.plain for line in choices._lines if line.id == choices.chosen):
            break
        await pilot.press("down")
    await press(pilot, "enter")


# Recent files


async def test_recent_files_are_listed_newest_first_and_opened(start, state, folder):
    shown = screen_text(start.app)
    assert shown.index("style.yaml") < shown.index("gone.yaml")
    assert "just now" in shown and "gone from" in shown.partition("gone.yaml")[2].splitlines()[0]
    await choose(start, "style.yaml")
    assert values(start.app)["iters"] == 55 and start.app.place == FIRST_FORM
    assert recent_files(state)[0].path == folder / "style.yaml"


async def test_a_recent_file_that_has_gone_is_complained_of(start):
    await choose(start, "gone.yaml")
    await sees(start, "✗", "gone.yaml")
    assert start.app.place == "start"
    await press(start, "ctrl+t")
    await press(start, "ctrl+o")
    told = [line for line in screen_text(start.app).splitlines() if "✗" in line and "gone.yaml" in line]
    assert not told, "coming back forgets the complaint"


async def test_a_click_opens(start):
    lines = screen_text(start.app).splitlines()
    y = next(y for y, line in enumerate(lines) if "style.yaml" in line)
    await click(start, 30, y)
    assert values(start.app)["iters"] == 55


async def test_what_is_opened_is_remembered(folder, state):
    async with app_on(folder, state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: [each.path.name for each in recent_files(state)] == ["train.yaml"])


# Paths


async def test_a_pasted_yaml_file_is_opened(start):
    await paste(start, "style.yaml\n")
    assert values(start.app)["iters"] == 55 and start.app.document_name.endswith("style.yaml")


async def test_a_dropped_file_with_quotes_and_escapes_is_opened(start, folder):
    (folder / "my style.yaml").write_text("iters: 57\n")
    await paste(start, f"'{folder}/my style.yaml' ")
    assert values(start.app)["iters"] == 57


async def test_a_typed_path_is_opened_and_completed(start):
    await start.press(*"sty")
    await until(start, lambda: start.app.screen.query_one("#path")._suggestion == "style.yaml")
    await start.press("right", "enter")
    await until(start, lambda: start.app.place == FIRST_FORM)
    assert values(start.app)["iters"] == 55


async def test_nonsense_says_why_and_loses_nothing(start, folder):
    (folder / "notes.txt").write_text("hello")
    (folder / "bad.yaml").write_text("- a list\n")
    for text, words in (
        ("nowhere.yaml", "There is no"), ("notes.txt", "neither a YAML file nor"), ("bad.yaml", "bad.yaml"),
    ):  # fmt: skip
        await paste(start, text)
        await sees(start, "✗", words)
        assert isinstance(start.app.screen, StartScreen) and start.app.session.snapshot.path is None
    await paste(start, "  \n")
    assert start.app.place == "start"


async def test_a_data_folder_asks_for_a_model_and_begins(start):
    await paste(start, "letters")
    await sees(start, "name or path of your own")
    await press(start, *"tiny", "enter")
    await until(start, lambda: start.app.place == FIRST_FORM)
    assert (values(start.app)["model"], values(start.app)["data"]) == ("tiny", "letters")


async def test_a_model_folder_asks_for_data_and_begins(start):
    await paste(start, "tiny")
    await sees(start, "The folder with train.jsonl")
    await press(start, *"letters", "enter")
    await until(start, lambda: start.app.place == FIRST_FORM)
    assert (values(start.app)["model"], values(start.app)["data"]) == ("tiny", "letters")


async def test_rows_under_another_name_are_pointed_out(start, folder):
    (folder / "mails").mkdir()
    (folder / "mails" / "rows.jsonl").write_text('{"text": "a"}\n')
    await paste(start, "mails/rows.jsonl")
    await hears(start, "mlx-lm does not look for rows.jsonl")


# Something new


async def test_new_from_a_model_and_data_fills_in_sound_numbers(start):
    await choose(start, "New, from model and data")
    await sees(start, "name or path of your own")
    await press(start, *"tiny", "enter")
    await sees(start, "The folder with train.jsonl")
    await press(start, *"tiny", "enter")
    await sees(start, "tiny has no train.jsonl")
    await press(start, "ctrl+u", *"letters", "enter")
    await until(start, lambda: start.app.place == FIRST_FORM)
    await facts(start)
    found = values(start.app)
    assert (found["model"], found["data"], found["train"]) == ("tiny", "letters", True)
    assert (found["iters"], found["num_layers"], found["batch_size"]) == (300, 12, 2)
    assert found["adapter_path"] == "adapters/letters-1"
    assert start.app.is_dirty and "new configuration  ● edited" in screen_text(start.app)
    errors = [finding for finding in start.app.session.snapshot.findings if finding.level == "error"]
    assert not errors and "A new configuration" in told(start.app)
    await press(start, "ctrl+s")
    await sees(start, "Save as")


async def test_new_from_is_left_at_any_question(start):
    for _ in range(2):
        await choose(start, "New, from model and data")
        await sees(start, "name or path of your own")
        await press(start, "escape")
        assert start.app.place == "start" and not start.app.is_dirty
    await paste(start, "tiny")
    await sees(start, "The folder with train.jsonl")
    await press(start, "escape")
    assert start.app.place == "start" and not start.app.is_dirty


async def test_a_preset_and_mlx_lms_defaults_are_ways_to_begin(start):
    await choose(start, "New, from a preset")
    assert start.app.place == "presets"
    await press(start, "ctrl+o")
    await choose(start, "New, from the defaults")
    assert start.app.place == FIRST_FORM and values(start.app)["iters"] == 1000


async def test_runs_are_a_way_to_begin_and_none_is_said(start):
    await choose(start, "The runs so far")
    await sees(start, "There are no runs in")


async def test_going_on_with_what_is_open_comes_first(folder, state):
    async with app_on(folder, place="lora", state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        pilot.app.session.edit("iters", "77")
        await press(pilot, "ctrl+o")
        await sees(pilot, "Go on", "with train.yaml  ● edited")
        await choose(pilot, "Go on")
        assert pilot.app.place == "lora"


async def test_opening_another_file_asks_where_something_would_be_lost(folder, state):
    (folder / "other.yaml").write_text("iters: 55\n")
    async with app_on(folder, state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at(pilot, "iters")
        await press(pilot, *"77")
        await press(pilot, "ctrl+o")
        await paste(pilot, "other.yaml")
        await sees(pilot, "Unsaved changes")
        await press(pilot, "escape")
        assert values(pilot.app)["iters"] == 77
        await paste(pilot, "other.yaml")
        await sees(pilot, "Unsaved changes")
        await press(pilot, "right", "enter")
        await until(pilot, lambda: values(pilot.app)["iters"] == 55)


async def test_what_is_kept_is_plain_json(start, state):
    assert json.loads((state / "recent.json").read_text())["files"]


async def test_the_file_named_at_the_start_stands_in_the_title_at_once(folder):
    app = app_on(folder, REFERENCE)
    async with app.run_test(size=SIZE) as pilot:
        assert app.session is None or pilot
        assert "train.yaml" in screen_text(app)
        await ready(pilot)
