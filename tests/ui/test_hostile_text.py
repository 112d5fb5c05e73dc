"""Markup and terminal escapes in whatever comes from outside are shown, never obeyed, and stop nothing."""

import time

import pytest

from app.config.presets import user_folder
from app.session.state_file import update_state
from tests.ui.apps import REFERENCE, app_on, at, hears, press, ready, screen_text, sees, until
from tests.ui.models import cached_model

SIZE = (160, 45)
HOSTILE = "[red]o[/x]\x1b]0;owned\x07\x1b[31m"
SHOWN = r"[red]o[/x]\x1b]0;owned\x07\x1b[31m"
PICTURED = "[red]o[/x]␛]0;owned␇␛[31m"
"""As an editor shows it, one sign for one character."""
QUOTED = r'"[red]o[/x]\e]0;owned\a\e[31m"'


def text(**changes: str) -> str:
    lines = {line.partition(":")[0]: line for line in REFERENCE.splitlines() if ":" in line}
    return "\n".join({**lines, **{key: f"{key}: {value}" for key, value in changes.items()}}.values()) + "\n"


def assert_harmless(pilot) -> None:
    assert "\x1b" not in screen_text(pilot.app) and "\x07" not in screen_text(pilot.app)


@pytest.fixture
async def hostile(folder):
    """A pilot on a file whose model, data and adapter path are hostile."""
    (folder / HOSTILE).mkdir(parents=True)
    app = app_on(folder, text(model=QUOTED, data=QUOTED, adapter_path=QUOTED))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        yield pilot
        assert_harmless(pilot)


async def test_in_a_form_and_its_panel(hostile):
    await sees(hostile, PICTURED)
    await until(hostile, lambda: hostile.app.session.snapshot.model)
    assert_harmless(hostile)


async def test_in_each_view_of_review(hostile):
    await hostile.app.go("review")
    await at(hostile, "model")
    await press(hostile, "x", "ctrl+d")
    await press(hostile, "right")
    await sees(hostile, r"\e]0;owned")
    assert_harmless(hostile)
    await press(hostile, "right")
    await sees(hostile, r"[red]o[/x]\x1b]0;")
    assert_harmless(hostile)
    await press(hostile, "right")
    await sees(hostile, "[red]o[/x]", "mlx_lm.lora --model")
    assert_harmless(hostile)


async def test_in_the_lists_of_find_and_reset(hostile):
    await press(hostile, "ctrl+f")
    await sees(hostile, r"[red]o[/x]\x1b]0;owned")
    await press(hostile, "escape")
    await at(hostile, "model")
    await press(hostile, "x", "ctrl+k")
    await sees(hostile, "Set Model to", SHOWN)


async def test_in_what_a_run_needs_and_in_the_difference_of_a_save(hostile):
    await press(hostile, "ctrl+r")
    await sees(hostile, "This cannot train yet", SHOWN)
    await press(hostile, "enter")
    await at(hostile, "model")
    await press(hostile, "x", "ctrl+s")
    await sees(hostile, "Save train.yaml", r"\e]0;owned")


async def test_in_the_name_of_a_file(folder):
    (folder / f"{HOSTILE.replace('/', '_')}.yaml").write_text("iters: 5\n")
    app = app_on(folder, None, place="start", state=folder.parent / "kept")
    entry = {"path": f"/a/{HOSTILE.replace('/', '_')}.yaml", "opened": time.time()}
    update_state(folder.parent / "kept" / "recent.json", lambda _: {"files": [entry]})
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, SHOWN.replace("/", "_"))
        assert_harmless(pilot)
        app.open_path(f"{HOSTILE}.yaml")
        await sees(pilot, "✗", SHOWN)
        app.open_path(f"{folder}/{HOSTILE.replace('/', '_')}.yaml")
        await until(pilot, lambda: app.place == "core")
        await sees(pilot, SHOWN.replace("/", "_"))
        assert_harmless(pilot)


async def test_in_a_preset(folder):
    user_folder().mkdir(parents=True)
    head = f"preset: {{name: {QUOTED}, summary: {QUOTED}}}\n"
    (user_folder() / "own.yaml").write_text(f"{head}resume_adapter_file: {{value: {QUOTED}, why: {QUOTED}}}\n")
    (user_folder() / "bad.yaml").write_text(f"preset: {{name: Bad}}\n{QUOTED}: 1\n")
    async with app_on(folder, place="presets").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, SHOWN[:20])
        await press(pilot, "end")
        await sees(pilot, "resume_adapter_file", SHOWN, "bad.yaml")
        assert_harmless(pilot)
        await press(pilot, "enter")
        await hears(pilot, SHOWN)
        await press(pilot, "home")
        assert_harmless(pilot)


async def test_in_the_names_of_models(folder):
    cached_model("[red]o[/x]")
    cached_model("o\x1b[31m")
    async with app_on(folder).run_test(size=SIZE) as pilot:
        await ready(pilot)
        pilot.app.action_command("models")
        await sees(pilot, "[red]o[/x]", r"o\x1b[31m")
        assert_harmless(pilot)


async def test_in_findings_and_notices(folder):
    odd = f"{REFERENCE}{QUOTED}: 1\noptimizer: {QUOTED}\n"
    async with app_on(folder, odd, place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "[red]o[/x]\\x1b")
        assert_harmless(pilot)
        await pilot.app.go("optimizer")
        await pilot.pause()
        assert_harmless(pilot)
        await at(pilot, "model")
        await press(pilot, "m", "escape")
        assert_harmless(pilot)
