"""What a preset makes of a configuration."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.config.config import ALPHA, DORA, METHOD, SCALE, Config, Origin, edit
from app.config.numbers import number_text
from app.config.preset_file import Preset
from app.config.preset_setting import Setting
from app.config.registry import PARAMETERS

_FOLLOWS = {
    ALPHA: "follows: scale × rank",
    SCALE: "follows: alpha / rank",
    METHOD: "follows use_dora",
    DORA: "follows fine_tune_type",
}


@dataclass(frozen=True)
class Choice:
    """A value within a range. `reason` ends a sentence: "the largest that memory holds"."""

    value: Any
    reason: str


Choose = Callable[[Config, str, Any, Any], Choice]
"""(configuration, key, low, high). The configuration has all else that the preset sets, and the low end of ranges
still to be chosen: whether a value fits depends on them."""


def low_end(_: Config, __: str, low: Any, ___: Any) -> Choice:
    """The choice where nothing is known of memory."""
    return Choice(low, "the low end, since memory is not known yet")


@dataclass(frozen=True)
class Change:
    """One parameter before and after a preset; `note` tells how the value came about, where the preset left it open."""

    key: str
    before: Any
    after: Any
    why: str = ""
    note: str = ""


@dataclass(frozen=True)
class Applied:
    """`changes` are real ones, in the order of the file, then views that follow; `already` stood so before."""

    config: Config
    changes: tuple[Change, ...]
    already: tuple[Change, ...]


def apply(preset: Preset, config: Config, choose: Choose = low_end, depth: int | None = None) -> Applied:
    """The configuration with the preset in it; `depth` is the model's number of layers, None where not known.

    All that the preset sets has it as its origin, what stood so before included. Ranges that ask memory are chosen
    last, in the order of the file.
    """
    new, notes = config, dict[str, str]()
    for setting in preset.settings:
        value, notes[setting.key] = _named(setting, config, depth)
        new = edit(new, setting.key, value, Origin.PRESET)
    for setting in preset.settings:
        if setting.range and setting.largest_that_fits:
            choice = choose(new, setting.key, *setting.range)
            new = edit(new, setting.key, choice.value, Origin.PRESET)
            notes[setting.key] = f"{_range(setting)}: {choice.reason}"
    told = [
        *(_change(config, new, one.key, one.why, notes[one.key]) for one in preset.settings),
        *_followers(preset, config, new),
    ]
    changed = tuple(one for one in told if one.before != one.after)
    return Applied(new, changed, tuple(one for one in told if one.before == one.after))


def _named(setting: Setting, config: Config, depth: int | None) -> tuple[Any, str]:
    """The value that a setting has without asking memory, with its note.

    What somebody gave and is in the range stays: it does what the preset asks for, and so does not count as a
    conflict either.
    """
    value, note, standing = setting.value, _range(setting), config.values[setting.key]
    if setting.range and not setting.largest_that_fits and config.origins[setting.key] is not Origin.DEFAULT:
        low, high = setting.range
        value = standing if low <= standing <= high else value
    if setting.key == "num_layers" and depth is not None and value > depth:
        return depth, f"{value} is more than the model's {depth}"
    return value, note


def _change(before: Config, after: Config, key: str, why: str, note: str) -> Change:
    return Change(key, before.values[key], after.values[key], why, note)


def _followers(preset: Preset, before: Config, after: Config) -> Iterator[Change]:
    """Other views of what the preset sets."""
    own = {setting.key for setting in preset.settings}
    for parameter in PARAMETERS:
        key = parameter.key
        if key not in own and before.values[key] != after.values[key]:
            yield _change(before, after, key, "", _FOLLOWS[key])


def _range(setting: Setting) -> str:
    return "of {} to {}".format(*map(number_text, setting.range)) if setting.range else ""
