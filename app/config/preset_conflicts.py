"""Where a preset undoes what another has set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.config.config import defaults
from app.config.preset_apply import apply
from app.config.preset_file import Preset
from app.config.preset_setting import Setting, one_line


@dataclass(frozen=True)
class Conflict:
    """`earlier` sets `before`, and `later`, which wins, makes it `after`. Of ranges these are the low ends."""

    key: str
    earlier: Preset
    later: Preset
    before: Any
    after: Any

    def __str__(self) -> str:
        before, after = one_line(self.key, self.before), one_line(self.key, self.after)
        return f"{self.key}: {self.later.name} makes it {after}, where {self.earlier.name} had {before}."


def conflicts(applied: Sequence[Preset], later: Preset, depth: int | None = None) -> tuple[Conflict, ...]:
    """Which settings of the presets applied before, in their order, `later` undoes. Ranges that overlap agree.

    Told by the outcome, so that scale against alpha, or use_dora against fine_tune_type, is found too.
    """
    config = defaults()
    standing: dict[str, tuple[Preset, Setting]] = {}
    for preset in applied:
        before, config = config, apply(preset, config, depth=depth).config
        undone = {key for key in standing if before.values[key] != config.values[key]}
        standing = {key: one for key, one in standing.items() if key not in undone}
        standing |= {setting.key: (preset, setting) for setting in preset.settings}
    after, wanted = apply(later, config, depth=depth).config, {setting.key: setting for setting in later.settings}
    return tuple(
        Conflict(key, earlier, later, config.values[key], after.values[key])
        for key, (earlier, setting) in standing.items()
        if config.values[key] != after.values[key]
        if key not in wanted or not _overlap(setting, wanted[key])
    )


def _overlap(one: Setting, other: Setting) -> bool:
    if one.range is None and other.range is None:
        return bool(one.value == other.value)
    (low, high), (least, most) = (setting.range or (setting.value, setting.value) for setting in (one, other))
    return bool(low <= most and least <= high)
