"""`tunedeck presets`: what presets there are, what each sets, and why."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from app.config.numbers import number_text
from app.config.preset_file import Preset
from app.config.preset_setting import LARGEST, Setting, one_line
from app.config.presets import load_presets, user_folder
from app.wire.text import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON list instead")


def run(args: Namespace) -> int:
    """Exit status: 0, even if a user's file is no preset: what is listed is right, and stderr says the rest."""
    presets = known_presets()
    if args.json:
        print(json.dumps([_as_json(preset) for preset in presets], indent=2, default=str))
    else:
        print("\n".join(printable(line) for preset in presets for line in _lines(preset)))
        print(printable(f"Your own, a YAML file each: {user_folder()}"))
    return 0


def known_presets() -> tuple[Preset, ...]:
    """All presets; what is wrong with a user's file goes to stderr."""
    presets, complaints = load_presets(user_folder())
    for complaint in complaints:
        print(printable(complaint), file=sys.stderr)
    return presets


def _as_json(preset: Preset) -> dict[str, Any]:
    return {
        "id": preset.id,
        "name": preset.name,
        "summary": preset.summary,
        "shipped": preset.shipped,
        "file": str(preset.path),
        "settings": [
            {"key": one.key, "value": one.value, "range": one.range, "take": _take(one), "why": one.why}
            for one in preset.settings
        ],
    }


def _lines(preset: Preset) -> Iterator[str]:
    own = "" if preset.shipped else f" ({preset.path})"
    yield f"{preset.id}: {preset.name}. {preset.summary}{own}"
    width = max(len(one.key) for one in preset.settings)
    for one in preset.settings:
        yield f"  {one.key:<{width}}  {_value(one):<36}  {one.why}".rstrip()
    yield ""


def _value(setting: Setting) -> str:
    if setting.range is None:
        return one_line(setting.key, setting.value)
    low, high = map(number_text, setting.range)
    taken = "the largest that fits" if setting.largest_that_fits else f"takes {number_text(setting.value)}"
    return f"{low} to {high}, {taken}"


def _take(setting: Setting) -> Any:
    if setting.range is None:
        return None
    return LARGEST if setting.largest_that_fits else setting.value
