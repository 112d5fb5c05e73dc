"""The files of a dataset, scanned in a process of their own, and what two of them share."""

import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from app.data.dataset import DatasetFacts, FileFacts
from app.data.duplicates import shared
from app.data.row_format import RowFormat
from app.data.scan_file import scan_file
from app.data.scan_lines import encode_facts
from app.data.scan_workers import WorkerDied, Workers
from app.wire.answering import end_with_stdin, take_stdout

_TOLD_EVERY = 0.1
"""Seconds."""


def scan(files: Mapping[str, Path], keys: RowFormat, told: Callable[[int], None]) -> DatasetFacts:
    """Of files by their names (`train`, `valid`, `test`); `told` is given the bytes done of all. Raises WorkerDied."""
    started: list[Workers] = []

    def workers() -> Workers:
        started.extend([] if started else [Workers()])
        return started[0]

    facts: dict[str, FileFacts] = {}
    rows: dict[str, array] = {}
    done = 0
    try:
        for name, path in files.items():
            try:
                facts[name], rows[name] = scan_file(path, keys, workers, _behind(done, told))
            except OSError as error:
                facts[name] = FileFacts(path, 0, None, f"The file cannot be read: {error.strerror}.")
            done += facts[name].size
    finally:
        for each in started:
            each.close()
    found = DatasetFacts(facts.get("train"), facts.get("valid"), facts.get("test"))
    if "train" in rows and "valid" in rows:
        found = replace(found, valid_in_train=shared(rows["valid"], rows["train"]))
    if "train" in rows and "test" in rows:
        found = replace(found, test_in_train=shared(rows["test"], rows["train"]))
    return found


def _behind(done: int, told: Callable[[int], None]) -> Callable[[int], None]:
    return lambda size: told(done + size)


def scan_and_tell() -> int:
    """The scan's process: one request on standard input, progress and the answer on standard output.

    The request has `files` (names and paths), and `keys` (prompt, completion, chat, text).
    """
    request = json.loads(sys.stdin.buffer.readline())
    tell = take_stdout()
    end_with_stdin()
    os.nice(10)  # every core will be at work: the app, and a training, come first
    files = {name: Path(path) for name, path in request["files"].items()}
    total = sum(path.stat().st_size for path in files.values() if path.is_file())
    last = time.monotonic()

    def told(done: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _TOLD_EVERY:
            last = now
            tell({"done": done, "total": total})

    try:
        tell({"facts": encode_facts(scan(files, RowFormat(*request["keys"]), told))})
    except WorkerDied:
        tell({"problem": "A process that reads the rows ended before its time, as happens when memory runs out."})
        return 1
    return 0
