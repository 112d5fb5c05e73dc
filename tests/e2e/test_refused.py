"""A file that cannot be used: the app leaves again, and says why on a terminal that is as it was."""

import pytest

from tests.terminal import ALTERNATE_SCREEN, open_terminal, workplace  # noqa: F401


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- model: m\n", b"tunedeck: train.yaml:1: The file holds a list"),
        ("", b"tunedeck: train.yaml: The file is empty"),
        ("model: [a\n", b"tunedeck: train.yaml:2: This is not valid YAML"),
    ],
)
def test_what_is_in_it_is_found_behind_the_first_frame(workplace, open_terminal, content, words):  # noqa: F811
    workplace.write("train.yaml", content)
    deck = open_terminal("train.yaml")
    assert deck.wait_for_exit() == 2
    deck.assert_restored()
    last = deck.raw.rpartition(b"\x1b")[2]
    assert words in last and last.count(b"\n") == 1, "one line, once the terminal is its own again"
    assert b"Traceback" not in deck.raw


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing.yaml", b"nothing.yaml: There is no such file."),
        ("folder", b"folder: This is a folder"),
        ("x" * 300, b"x: "),
        ("a\x1b[31m.yaml", rb"a\x1b[31m.yaml: There is no such file."),
    ],
)
def test_one_that_is_none_is_not_worth_a_frame(workplace, open_terminal, name, words):  # noqa: F811
    (workplace.folder / "folder").mkdir()
    deck = open_terminal(name)
    assert deck.wait_for_exit() == 2
    assert words in deck.raw and ALTERNATE_SCREEN not in deck.modes
    assert deck.raw.count(b"\n") == 1 and b"Traceback" not in deck.raw
