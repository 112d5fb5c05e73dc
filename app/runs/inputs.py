"""The files that a run trains on, told from later ones: a run can only go on exactly while they stay the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_DATA = ("train.jsonl", "valid.jsonl", "test.jsonl")
_MODEL = ("config.json", "*.safetensors", "tokenizer.json", "chat_template*")


def inputs_of(config: Mapping[str, Any], start_directory: Path) -> dict[str, list[int]]:
    """Size in bytes and time of change in nanoseconds of every file of a local model and dataset, by path."""
    patterns = {"model": _MODEL, "data": _DATA}
    folders = {start_directory / str(config[key]): patterns[key] for key in patterns if config.get(key)}
    found = [file for folder, names in folders.items() for name in names for file in sorted(folder.glob(name))]
    return {str(file): [stat.st_size, stat.st_mtime_ns] for file in found if (stat := _stat(file)) is not None}


def changed_inputs(recorded: object, config: Mapping[str, Any], start_directory: Path) -> list[str]:
    """Files that are no longer what they were when `recorded` was taken, or gone; empty where nothing is on record."""
    if not isinstance(recorded, dict):
        return []
    now = inputs_of(config, start_directory)
    return [path for path in recorded if now.get(path) != recorded[path]]


def _stat(file: Path):
    try:
        return file.stat()
    except OSError:
        return None
