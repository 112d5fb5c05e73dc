"""The rows of a file drawn into training, validation and test rows, in a process of its own."""

import json
import os
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import Any

from app.data.line_ranges import LARGEST_ROW, lines_in, ranges
from app.wire.answering import end_with_stdin, take_stdout

_PIECE = 1 << 21
_TOLD_EVERY = 0.1
"""Seconds."""

Divided = dict[str, int]
"""Rows in `train`, `valid` and `test`; `duplicates` among them, and `blank` lines, which are in none."""


class CannotSplit(Exception):
    """Its text is one sentence for a person."""


def divide(
    source: Path, folder: Path, shares: Mapping[str, float], seed: int, told: Callable[[int, int], None]
) -> Divided:
    """Write train.jsonl, and a file for each of `shares` (`valid`, `test`), into `folder`. Raises CannotSplit, OSError.

    Each row has a number made of its bytes and the seed, and the smallest are drawn: the same in any order of rows, on
    any computer. So rows that are the same, white space around them apart, stay together; a set then has a few rows
    more than its share. Lines keep their order and their bytes but for their ends. `told` is given the bytes done, of
    two readings, and those to do. Memory is some 30 bytes a row.
    """
    size = source.stat().st_size
    numbers = array("Q")
    blank = 0
    for line, done in _lines(source, size):
        if line.strip():
            numbers.append(int.from_bytes(blake2b(line.strip(), digest_size=8, key=str(seed).encode()).digest()))
        else:
            blank += 1
        told(done, 2 * size)
    bounds, duplicates = _bounds(numbers, shares)
    counts: Counter[str] = Counter()
    with ExitStack() as opened:
        files = {name: opened.enter_context((folder / f"{name}.jsonl").open("wb")) for name in ("train", *shares)}
        rows = iter(numbers)
        for line, done in _lines(source, size):
            if line.strip():
                number = next(rows)
                name = next((name for name, bound in bounds.items() if number <= bound), "train")
                counts[name] += 1
                files[name].write(line + b"\n")
            told(size + done, 2 * size)
        for file in files.values():
            file.flush()
            os.fsync(file.fileno())
    return {name: counts[name] for name in ("train", "valid", "test")} | {"duplicates": duplicates, "blank": blank}


def split_and_tell() -> int:
    """The process: one request on standard input, progress and the answer on standard output."""
    request = json.loads(sys.stdin.buffer.readline())
    tell = take_stdout()
    end_with_stdin()
    os.nice(10)
    last = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _TOLD_EVERY:
            last = now
            tell({"done": done, "total": total})

    answer: dict[str, Any]
    try:
        answer = dict(
            divide(Path(request["source"]), Path(request["folder"]), request["shares"], request["seed"], told)
        )
    except CannotSplit as error:
        answer = {"problem": str(error)}
    except OSError as error:
        answer = {"problem": f"{error.filename or request['folder']}: {error.strerror}."}
    tell(answer)
    return 1 if "problem" in answer else 0


def _lines(source: Path, size: int) -> Iterator[tuple[bytes, int]]:
    """Each with the bytes of its piece's end."""
    with source.open("rb") as file:
        for number, piece in enumerate(ranges(file, size, _PIECE)):
            for line in lines_in(file, piece, _PIECE):
                if len(line) >= LARGEST_ROW:
                    raise CannotSplit(f"{source}: A row has more than {LARGEST_ROW >> 20} MiB (piece {number + 1}).")
                yield line, piece[1]


def _bounds(numbers: array, shares: Mapping[str, float]) -> tuple[dict[str, int], int]:
    """Up to which number each set is drawn, one set after the other, and the rows beyond the first of their kind."""
    import numpy  # only the process that splits pays for it

    different, rows = numpy.unique(numpy.frombuffer(numbers, numpy.uint64), return_counts=True)
    if len(different) <= len(shares):
        raise CannotSplit(f"There are {len(different)} different rows: too few to make {len(shares) + 1} sets of them.")
    behind = rows.cumsum()
    bounds, share, least = {}, 0.0, 0
    for left, (name, more) in zip(range(len(shares), 0, -1), shares.items(), strict=True):
        share += more
        at = int(behind.searchsorted(max(1, round(share * len(numbers)))))
        at = min(max(at, least), len(different) - 1 - left)  # each set gets a row, training too
        bounds[name], least = int(different[at]), at + 1
    return bounds, len(numbers) - len(different)
