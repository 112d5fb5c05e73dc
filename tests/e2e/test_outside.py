"""What goes out of the app and comes back: the person's own editor, and the clipboard of the terminal."""

import base64
import re
import sys

import pytest

from tests.e2e.job import job
from tests.terminal import ALTERNATE_SCREEN, CTRL, END, ENTER, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401


def editor(place, script):
    """A program that stands for one: it is given the file's name as its last argument."""
    path = place.write("my editor", f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n{script}\n")
    path.chmod(0o755)
    return f"'{path}' --wait"


def palette(deck, typed, offered):
    deck.send(CTRL["p"])
    deck.wait_for("Search for commands")
    deck.send(typed)
    deck.wait_for(offered)
    deck.send(ENTER)


CHANGE = """
file = Path(sys.argv[2])
print("in the editor", sys.argv[1], file.is_absolute(), sys.stdin.isatty(), sys.stdout.isatty())
input()
file.write_text(file.read_text().replace("batch_size: 4", "batch_size: 3  # mine"))
"""


@pytest.mark.parametrize("variable", [pytest.param("EDITOR", marks=pytest.mark.slow), "VISUAL"])
def test_the_file_is_edited_in_one_s_own_editor_and_comes_back_changed(workplace, open_terminal, tiny, variable):  # noqa: F811
    file = workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", env={variable: editor(workplace, CHANGE)})
    deck.wait_for("effective batch 4", "^s Save")
    palette(deck, "Edit in", "Open the YAML file in your own editor")
    deck.wait_for("in the editor --wait True True True")
    assert not deck.modes[ALTERNATE_SCREEN]
    assert deck.settings_now == deck.settings_before
    deck.send("\n")
    deck.wait_for("effective batch 3", "^s Save")
    assert "batch_size: 3  # mine" in file.read_text()
    assert deck.modes[ALTERNATE_SCREEN]
    deck.send(END + "x")
    deck.wait_for("● edited")  # keys go to the app again
    deck.send("\x7f")
    deck.wait_until(lambda screen: "● edited" not in screen, "nothing edited any more")
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()


def test_typed_text_is_saved_first_and_a_failing_editor_is_said(workplace, open_terminal, tiny):  # noqa: F811
    file = workplace.write("train.yaml", job(tiny))
    fails = "Path(sys.argv[2]).write_text('- no configuration'); sys.exit(3)"
    deck = open_terminal("train.yaml", env={"EDITOR": editor(workplace, fails)})
    deck.wait_for("model  text", "^s Save")
    deck.send(END + "!")
    deck.wait_for("● edited")
    palette(deck, "Edit in", "Open the YAML file in your own editor")
    deck.wait_for("Save train.yaml", "/model! ")
    deck.send(ENTER)
    deck.wait_for("The file holds a list")
    assert file.read_text() == "- no configuration"
    assert "/model!" in deck.text(), "what was typed is still there"


def test_without_an_editor_it_is_said_what_to_set(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", env={"PATH": str(workplace.folder)})
    deck.wait_for("^s Save")
    palette(deck, "Edit in", "Open the YAML file in your own editor")
    deck.wait_for("No editor was found: set EDITOR")


def copied(deck):
    """The texts that the terminal was told to put on its clipboard: OSC 52 of xterm's control sequences."""
    found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)", deck.raw)
    return [base64.b64decode(text).decode() for text in found]


def test_the_yaml_and_the_command_reach_the_terminal_s_clipboard(workplace, open_terminal, tiny):  # noqa: F811
    text = job(tiny)
    workplace.write("train.yaml", text)
    deck = open_terminal("train.yaml")
    deck.wait_for("model  text", "^s Save")
    deck.send(END + "é")
    deck.wait_for("● edited")
    deck.send(CTRL["d"])
    deck.wait_for("‹Findings›")
    assert copied(deck) == []
    deck.send("y")
    deck.wait_for("The YAML is on the clipboard.")
    assert copied(deck) == [text.replace("/model ", "/modelé ")]
    deck.send("c")
    deck.wait_for("The command is on the clipboard.", "No flag", "lora_parameters")
    assert copied(deck)[1].startswith("mlx_lm.lora --model ") and "--iters 1000000" in copied(deck)[1]
