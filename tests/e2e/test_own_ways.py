"""What a person has made their own stays: keys from a file, the theme, the place."""

import json

import pytest

from tests.e2e.job import job
from tests.terminal import CTRL, ENTER, ESCAPE, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401


def test_keys_of_one_s_own_take_the_place_of_ours(workplace, open_terminal, tiny):  # noqa: F811
    folder = workplace.folder / "config" / "tunedeck"
    folder.mkdir(parents=True)
    (folder / "keymap.yaml").write_text("review: ctrl+e\nsave: ctrl+w, f2\nundo: ''\nopne: ctrl+o\nquit: ctrl+s\n")
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", columns=150)
    screen = deck.wait_for("^w Save", "^e Review", "keymap.yaml:4", "did you mean open?")
    assert "^d" not in screen.splitlines()[-1]
    deck.send(CTRL["d"])
    deck.send(CTRL["e"])
    deck.wait_for("‹Findings›")
    deck.send(CTRL["g"])
    deck.wait_for("b  Model & data")
    deck.send("b")
    deck.wait_for("model  text")
    deck.send("!")
    deck.wait_for("● edited")
    deck.send(CTRL["z"])
    deck.send(CTRL["w"])
    deck.wait_for("Save train.yaml", "+model: '!'")
    deck.send(ESCAPE)
    deck.wait_until(lambda screen: "Save train.yaml" not in screen, "the question gone")
    deck.send("\x1bOQ")  # F2
    deck.wait_for("Save train.yaml", "+model: '!'")
    deck.send(ENTER)
    deck.wait_for("Saved train.yaml")
    deck.send(CTRL["s"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()


@pytest.mark.slow
def test_the_theme_that_was_chosen_and_the_form_come_back(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml")
    deck.wait_for("training rows   150", "^s Save")
    deck.send(CTRL["n"] * 3)
    deck.wait_for("num_layers  ")
    before = deck.background
    deck.send(CTRL["p"])
    deck.wait_for("Search for commands")
    deck.send("theme")
    deck.wait_for("Choose the colours")
    deck.send(ENTER)
    deck.wait_for("↑ ↓ move", "dracula")
    deck.send("textual-light" + ENTER)
    deck.wait_until(lambda screen: "↑ ↓ move" not in screen and deck.background != before, "other colours")
    light = deck.background
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    kept = json.loads((workplace.folder / "state" / "tunedeck" / "settings.json").read_text())
    assert (kept["theme"], kept["group"]) == ("textual-light", "lora")

    again = open_terminal("train.yaml")
    again.wait_for("LoRA · train.yaml", "^s Save")
    assert again.background == light
    again.send(CTRL["q"])
    assert again.wait_for_exit() == 0
    again.assert_restored()


@pytest.mark.slow
def test_a_theme_that_was_only_looked_at_is_not_kept(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml")
    deck.wait_for("training rows   150", "^s Save")
    deck.send(CTRL["d"])
    deck.wait_for("‹Findings›")
    before = deck.background
    deck.send("t")
    deck.wait_for("↑ ↓ move", "dracula")
    dimmed = deck.background
    deck.send("textual-light")
    deck.wait_until(lambda _: deck.background != dimmed, "the theme as it is walked over")
    deck.send(ESCAPE)
    deck.wait_until(lambda screen: "↑ ↓ move" not in screen and deck.background == before, "the old colours")
    deck.send("q")
    assert deck.wait_for_exit() == 0
    assert json.loads((workplace.folder / "state" / "tunedeck" / "settings.json").read_text())["theme"] is None
