"""Have a dataset's files scanned, by a process of their own, and keep what it found until they change."""

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.data.dataset import DatasetFacts
from app.data.row_format import row_format
from app.data.scan_lines import decode_facts, encode_facts
from app.wire.errand import ErrandFailed, run_errand
from app.wire.files import read_json, write_whole

_FORMAT = 1
"""Raised when a scan finds something else in the same file."""
_SETS = ("train", "valid", "test")

OnBytes = Callable[[int, int], None]
"""Given the bytes read so far and those of all files, some times a second."""


def learn_dataset(
    data: Path,
    features: Mapping[str, Any],
    cache_folder: Path,
    on_progress: OnBytes = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> DatasetFacts | str | None:
    """The facts of a data folder, or of one file, which then stands as `train`; None when cancelled.

    `features` is a native configuration, of which the names of the fields are taken. A sentence when nothing can be
    known. At once where `cache_folder` has the facts; else a process reads every byte, of which there may be more than
    fit in memory.
    """
    data = data.absolute()
    try:
        files = {"train": data} if not data.is_dir() else _sets(data)
        state = {"files": {name: _stamp(file) for name, file in files.items()}, "format": _FORMAT}
    except (OSError, ValueError) as error:
        return f"{data}: This cannot be read: {getattr(error, 'strerror', None) or error}."
    if not files:
        return f"{data}: This folder has no train.jsonl, valid.jsonl or test.jsonl."
    row_keys = row_format(features)
    keys = [row_keys.prompt, row_keys.completion, row_keys.chat, row_keys.text]
    kept = cache_folder / f"scan-{_name(data, keys)}.json"
    if known := _load(kept, state):
        return known
    request = {"files": {name: str(file) for name, file in files.items()}, "keys": keys}
    command = [sys.executable, "-P", "-m", "app.data", "scan"]
    try:
        answer = run_errand(
            command, request, data.parent, lambda told: on_progress(told["done"], told["total"]), cancelled
        )
    except OSError as error:
        return f"{data}: The rows cannot be read: {error.strerror}."
    except ErrandFailed as error:
        return f"{data}: The process that reads the rows {error}"
    if answer is None:
        return None
    if "problem" in answer:
        return f"{data}: {answer['problem']}"
    facts = decode_facts(answer["facts"])
    _save(kept, state, facts)
    return facts


def _sets(folder: Path) -> dict[str, Path]:
    found = {name: folder / f"{name}.jsonl" for name in _SETS}
    return {name: file for name, file in found.items() if file.exists()}


def _stamp(file: Path) -> list[Any]:
    status = file.stat()
    return [str(file), status.st_size, status.st_mtime_ns, status.st_ino]


def _name(data: Path, keys: list[str]) -> str:
    return hashlib.sha256(json.dumps([str(data), *keys]).encode("ascii")).hexdigest()[:32]


def _load(file: Path, state: Mapping[str, Any]) -> DatasetFacts | None:
    """None when there is no answer about just these files, or it is damaged."""
    try:
        kept = read_json(file) or {}
        return decode_facts(kept["facts"]) if kept["state"] == state else None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _save(file: Path, state: Mapping[str, Any], facts: DatasetFacts) -> None:
    """Silent when the folder cannot be written."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps({"state": state, "facts": encode_facts(facts)}).encode("ascii"))
