"""The person's own keys."""

import pytest
from textual.keys import Keys

from app.session import keymap
from app.session.keymap import Keymap, keymap_file, load_keymap

COMMANDS = ("save", "save_as", "open", "undo", "train_screen", "forms", "quit", "log_scale")
DEFAULTS = {"save": "ctrl+s", "open": "ctrl+o", "undo": "ctrl+z", "quit": "ctrl+q", "save_as": "", "train_screen":
            "ctrl+t", "forms": "ctrl+t"}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    file = tmp_path / "keymap.yaml"

    def load(text, **options):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = load_keymap(file, COMMANDS, ("ctrl+a", "ctrl+u"), **options)
        return found.keys, [said.removeprefix(f"{file}:") for said in found.complaints]

    return load


def test_keys_by_command(load):
    text = "save: ctrl+s\nopen: Ctrl+O, F2 ,f2\nundo: ''\nquit:\nlog_scale: shift + ctrl+pagedown  # mine\n"
    keys = {"save": "ctrl+s", "open": "ctrl+o,f2", "undo": "", "quit": "", "log_scale": "ctrl+shift+pagedown"}
    assert load(text) == (keys, [])


@pytest.mark.parametrize("text", ["", "\n \n", "# save: ctrl+s\n\n  # more\n"])
def test_a_file_that_says_nothing_is_an_empty_keymap(load, text):
    assert load(text) == ({}, [])


def test_no_file_is_an_empty_keymap(tmp_path):
    assert load_keymap(tmp_path / "no" / "keymap.yaml", COMMANDS, ()) == Keymap()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("save: [ctrl+s\n", "2: This is not valid YAML"),
        ("- save\n", "1: The file holds a list"),
        ("ctrl+s\n", "1: The file holds no settings"),
        ("a: 1\n\tb: 2\n", "2: This is not valid YAML"),
        (b"save: \xff\n", "1: This is not UTF-8 text"),
        ("save: a\x00b", "1: The character U+0000 is not allowed"),
    ],
)
def test_a_file_that_is_no_keymap_is_one_complaint(load, text, said):
    keys, complaints = load(text)
    assert keys == {} and len(complaints) == 1 and complaints[0].startswith(said)


def test_a_folder_in_its_place_is_a_complaint(tmp_path):
    (tmp_path / "keymap.yaml").mkdir()
    found = load_keymap(tmp_path / "keymap.yaml", COMMANDS, ())
    assert not found.keys and "This is a folder" in found.complaints[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sav: f2", "1: sav: There is no such command; did you mean save?"),
        ("Save-As: f2", "1: Save-As: There is no such command; did you mean save_as?"),
        ("\nzzz: f2", "2: zzz: There is no such command; remove it."),
        ("save: true", "1: save: This wants keys as text, such as ctrl+s, or ctrl+s, f2 for two."),
        ("save: [f2, f3]", "1: save: This wants keys as text, such as ctrl+s, or ctrl+s, f2 for two."),
        ("save: {a: b}", "1: save: This wants keys as text, such as ctrl+s, or ctrl+s, f2 for two."),
    ],
)
def test_unknown_commands_and_values(load, text, said):
    assert load(text) == ({}, [said])


TYPED = ["s", "5", "'?'", "S", "shift+s", "ü"]
EDITING = ["enter", "tab", "shift+tab", "backspace", "delete", "left", "shift+up", "home", "space", "escape"]
OTHER_NAMES = ["ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j", "ctrl+left_square_bracket"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        *((key, "typed into fields") for key in TYPED),
        *((key, "needed to type and to move") for key in EDITING),
        *((key, "to a terminal, which editing needs") for key in OTHER_NAMES),
        ("ctrl+c", "copies"),
        ("ctrl+a", "needed by fields and lists"),
        *((key, "There is no key") for key in ("ctrl-s", "^s", "cmd+s", "ctrl+", "ctrl+ss", "f99", "alt+?")),
    ],
)
def test_keys_that_no_command_can_have(load, keys, said):
    found, complaints = load(f"open: f2\nsave: {keys}\n")
    assert found == {"open": "f2"}
    assert len(complaints) == 1 and complaints[0].startswith("2: save: ") and said in complaints[0]


def test_a_usable_key_beside_an_unusable_one_counts(load):
    keys, complaints = load("save: ctrl+i, f2")
    assert keys == {"save": "f2"} and len(complaints) == 1


def test_a_key_or_a_command_that_stands_twice(load):
    keys, complaints = load("save: f2\nopen: ctrl+o, f2\nundo: f3\nundo: f4\n")
    assert keys == {"save": "f2", "open": "ctrl+o", "undo": "f4"}
    assert complaints == [
        "4: undo: This stands twice; the last one counts. Remove the other.",
        "2: open: f2 stands twice: it is given to save in line 1; choose another key.",
    ]


def test_commands_that_never_meet_may_share_a_key(load):
    text = "train_screen: f2\nforms: f2\nsave: f2\n"
    keys, complaints = load(text, meet=lambda one, other: {one, other} != {"train_screen", "forms"})
    assert keys == {"train_screen": "f2", "forms": "f2"} and len(complaints) == 1 and "save" in complaints[0]


def test_a_key_of_another_command_is_not_taken_from_it(load):
    assert load("save: ctrl+o", defaults=DEFAULTS) == (
        {},
        ["1: save: ctrl+o is the key of open already; give open another one, or choose another here."],
    )
    swapped = {"save": "ctrl+o", "open": "ctrl+s"}
    assert load("save: ctrl+o\nopen: ctrl+s\n", defaults=DEFAULTS) == (swapped, [])
    assert load("save: ctrl+o\nopen:\n", defaults=DEFAULTS) == ({"save": "ctrl+o", "open": ""}, [])
    assert load("save: ctrl+s", defaults=DEFAULTS) == ({"save": "ctrl+s"}, [])


def test_what_falls_back_on_its_own_key_has_it_for_itself(load):
    # save cannot have ctrl+o, so it keeps ctrl+s, which undo then cannot have.
    keys, complaints = load("undo: ctrl+s\nsave: ctrl+o\n", defaults=DEFAULTS)
    assert keys == {} and [said[:7] for said in complaints] == ["2: save", "1: undo"]


def test_every_name_of_ours_is_textuals():
    theirs = {key.value for key in Keys}
    assert set(keymap._NAMED) <= theirs
    assert {f"ctrl+{name}" for name in keymap._PUNCTUATION} <= theirs


def test_the_file_is_in_the_platforms_configuration_folder():
    assert keymap_file().parts[-2:] == ("tunedeck", "keymap.yaml")
