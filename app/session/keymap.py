"""The person's own keys: `keymap.yaml`, whose lines give commands other keys (`save: ctrl+s`)."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from app.config.document import ConfigError, Document, read

_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
_TYPING = ("enter", "tab", "backspace", "delete", "space", "left", "right", "up", "down", "home", "end")
_NAMED = (*_TYPING, "escape", "insert", "pageup", "pagedown", *(f"f{number}" for number in range(1, 25)))
_PUNCTUATION = ("backslash", "right_square_bracket", "circumflex_accent", "underscore")
"""What a terminal can send with ctrl besides letters, by Textual's names (`textual.keys`)."""

_OTHER_NAMES = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+j": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}
"""The same byte to a terminal: ASCII's control characters 9, 13, 10, 8 and 27."""


@dataclass(frozen=True)
class Keymap:
    """`keys` are Textual's names by command, several with commas between, none where the person took the key away.

    Commands that the file does not give a usable key are not in it: they keep the key they have.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()
    """What was passed over and why, a sentence each, with file and line."""


@dataclass(frozen=True)
class _Wish:
    command: str
    key: str
    line: int | None


def keymap_file() -> Path:
    """Where the file is looked for; most people have none."""
    from platformdirs import user_config_dir  # 6 ms that only the start needs

    return Path(user_config_dir("tunedeck", appauthor=False)) / "keymap.yaml"


def load_keymap(
    path: Path,
    command_ids: Collection[str],
    reserved: Collection[str],
    defaults: Mapping[str, str] | None = None,
    meet: Callable[[str, str], bool] = lambda one, other: True,
) -> Keymap:
    """The keymap in a file. Never fails: a missing file is an empty keymap, and what is wrong becomes a complaint.

    `reserved` are keys that fields and lists need, beyond those that type and move. `defaults` are the commands' own
    keys, which a wish must not take from another command; `meet` says whether two commands are ever at hand
    together, else they may share a key.
    """
    try:
        document = read(path)
    except ConfigError as error:
        return Keymap() if _says_nothing(path) else Keymap({}, (str(error),))
    complaints = list(_duplicates(document))
    wishes: list[_Wish] = []
    unbound = []
    for command, value in document.data.items():
        line = document.lines.get((command,))
        problem = _unknown(command, command_ids) or _no_text(value)
        if problem:
            complaints.append(_complaint(document, command, line, problem))
            continue
        keys = _split(value)
        if not keys:
            unbound.append(command)
        for key in keys:
            if problem := _unusable(key, reserved):
                complaints.append(_complaint(document, command, line, problem))
            else:
                wishes.append(_Wish(command, key, line))
    granted, clashes = _granted(wishes, unbound, defaults or {}, meet)
    complaints += [_complaint(document, wish.command, wish.line, problem) for wish, problem in clashes]
    return Keymap(dict.fromkeys(unbound, "") | _by_command(granted), tuple(complaints))


def _says_nothing(path: Path) -> bool:
    """Whether there is no file, or none but blank lines and comments: both are an empty keymap."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return all(not line.strip() or line.lstrip().startswith("#") for line in lines)


def _complaint(document: Document, command: str, line: int | None, problem: str) -> str:
    return str(ConfigError(problem, document.path, line, command))


def _duplicates(document: Document) -> Iterator[str]:
    for duplicate in document.duplicates:
        name = ".".join(duplicate.path)
        yield _complaint(document, name, duplicate.line, "This stands twice; the last one counts. Remove the other.")


def _unknown(command: str, command_ids: Collection[str]) -> str | None:
    if command in command_ids:
        return None
    near = get_close_matches(command.lower().replace("-", "_").replace(" ", "_"), command_ids, n=1)
    return f"There is no such command; did you mean {near[0]}?" if near else "There is no such command; remove it."


def _no_text(value: Any) -> str | None:
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return None
    return "This wants keys as text, such as ctrl+s, or ctrl+s, f2 for two."


def _split(value: str | int | None) -> list[str]:
    """Key names as Textual writes them: lower case, modifiers in the order of the alphabet."""
    text = "" if value is None else str(value)
    return list(dict.fromkeys(_tidy(key) for key in text.split(",") if key.strip()))


def _tidy(key: str) -> str:
    *modifiers, name = re.split(r"\s*\+\s*", key.strip().lower())
    return "+".join([*sorted(set(modifiers)), name])


def _unusable(key: str, reserved: Collection[str]) -> str | None:
    *modifiers, name = key.split("+")
    if len(key) == 1 or (modifiers == ["shift"] and len(name) == 1):
        return f"{key} is typed into fields, so no command can have it; choose one with ctrl, or a function key."
    if not _is_key(modifiers, name):
        return f"There is no key {key}; write it like ctrl+s, alt+left, pageup or f5."
    if key in _OTHER_NAMES:
        return f"{key} is {_OTHER_NAMES[key]} to a terminal, which editing needs; choose another key."
    if key == "ctrl+c":
        return "ctrl+c copies, and ends programs elsewhere, so no command can have it; choose another key."
    if set(modifiers) <= {"shift"} and name in (*_TYPING, "escape"):
        return f"{key} is needed to type and to move, so no command can have it; choose another key."
    if key in {_tidy(taken) for taken in reserved}:
        return f"{key} is needed by fields and lists, so no command can have it; choose another key."
    return None


def _is_key(modifiers: list[str], name: str) -> bool:
    if not all(modifier in _MODIFIERS for modifier in modifiers):
        return False
    if "ctrl" in modifiers and name in (*_PUNCTUATION, "left_square_bracket"):
        return True
    is_letter_or_digit = len(name) == 1 and name.isascii() and name.isalnum()
    return name in _NAMED or (is_letter_or_digit and bool(modifiers))


def _granted(
    wishes: list[_Wish], unbound: list[str], defaults: Mapping[str, str], meet: Callable[[str, str], bool]
) -> tuple[list[_Wish], list[tuple[_Wish, str]]]:
    """The wishes that leave every key to one command, and those that do not, each with what is in its way.

    A command whose wishes all fail falls back on its own key, which may be in the way of another: so again from the
    start, until nothing clashes.
    """
    granted, clashes = list(wishes), []
    while found := _clash(granted, unbound, defaults, meet):
        granted.remove(found[0])
        clashes.append(found)
    return granted, clashes


def _clash(
    wishes: list[_Wish], unbound: list[str], defaults: Mapping[str, str], meet: Callable[[str, str], bool]
) -> tuple[_Wish, str] | None:
    changed = {wish.command for wish in wishes} | set(unbound)
    kept = [(id_, key) for id_, keys in defaults.items() if id_ not in changed for key in _split(keys)]
    for place, wish in enumerate(wishes):
        for owner, key in kept:
            if key == wish.key and owner != wish.command and meet(wish.command, owner):
                return wish, f"{key} is the key of {owner} already; give {owner} another one, or choose another here."
        for other in wishes[:place]:
            if other.key == wish.key and other.command != wish.command and meet(wish.command, other.command):
                where = f" in line {other.line}" if other.line else ""
                return wish, f"{wish.key} stands twice: it is given to {other.command}{where}; choose another key."
    return None


def _by_command(wishes: list[_Wish]) -> dict[str, str]:
    keys: dict[str, list[str]] = {}
    for wish in wishes:
        keys.setdefault(wish.command, []).append(wish.key)
    return {command: ",".join(found) for command, found in keys.items()}
