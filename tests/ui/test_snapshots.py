"""What the screens look like. Accept a change that you have looked at with `pytest --snapshot-update`."""

import pytest

from tests.ui.scenes import SCENES

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
OTHERS = {"40x12": (40, 12), "60x20": (60, 20), "100x30": (100, 30), "160x45": (160, 45), "200x60": (200, 60)}

IN_BOTH_SIZES = (
    "start", "core", "lora", "hyperparameters", "edits-and-errors", "presets", "data", "row", "findings", "yaml",
    "train", "died", "runs", "find", "models", "schedule", "modules", "save",
)  # fmt: skip
IN_ONE = (
    "choice",
    "split",
    "structure",
    "values",
    "command",
    "running",
    "report",
    "no-run",
    "jump",
    "help",
    "mend",
    "themes",
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", IN_BOTH_SIZES)
def test_in_both_sizes(snap_compare, still, name, size):
    scene = SCENES[name]
    assert snap_compare(scene.make(still), terminal_size=SIZES[size], run_before=scene.play)


@pytest.mark.parametrize("name", IN_ONE)
def test_in_one_size(snap_compare, still, name):
    scene = SCENES[name]
    assert snap_compare(scene.make(still), terminal_size=SIZES["120x36"], run_before=scene.play)


@pytest.mark.parametrize("size", OTHERS)
def test_a_form_in_other_sizes(snap_compare, still, size):
    scene = SCENES["hyperparameters"]
    assert snap_compare(scene.make(still), terminal_size=OTHERS[size], run_before=scene.play)


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "gruvbox"])
@pytest.mark.parametrize("name", ["edits-and-errors", "train"])
def test_in_other_colours(snap_compare, still, name, theme):
    scene = SCENES[name]
    app = scene.make(still)
    app.theme = theme
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=scene.play)


@pytest.mark.parametrize("name", ["edits-and-errors", "train", "presets"])
def test_without_colour(snap_compare, still, monkeypatch, name):
    monkeypatch.setenv("NO_COLOR", "1")
    scene = SCENES[name]
    assert snap_compare(scene.make(still), terminal_size=SIZES["120x36"], run_before=scene.play)
