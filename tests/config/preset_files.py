"""Presets for tests: the shipped ones by id, and what a text makes."""

from pathlib import Path

from app.config.preset_file import Preset, read_preset
from app.config.presets import load_presets

SHIPPED = {preset.id: preset for preset in load_presets(None)[0]}


def preset_of(folder: Path, text: str, name: str = "mine.yaml") -> Preset:
    path = folder / name
    path.write_text(text)
    return read_preset(path)
