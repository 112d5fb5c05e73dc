"""How many rows a dataset folder holds, counted without parsing them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20


@dataclass(frozen=True)
class RowCounts:
    """Rows of `train.jsonl`, `valid.jsonl` and `test.jsonl`; None where the file is missing or unreadable."""

    train: int | None = None
    valid: int | None = None
    test: int | None = None


def count_rows(folder: Path, cancelled: Callable[[], bool] = lambda: False) -> RowCounts | None:
    """Counts the lines of each split, as mlx-lm does (a last line needs no newline). None when cancelled."""
    counts: list[int | None] = []
    for split in ("train", "valid", "test"):
        counts.append(_count_lines(folder / f"{split}.jsonl", cancelled))
        if cancelled():
            return None
    return RowCounts(*counts)


def _count_lines(path: Path, cancelled: Callable[[], bool]) -> int | None:
    lines, last = 0, b"\n"
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                lines += chunk.count(b"\n")
                last = chunk[-1:]
                if cancelled():
                    return None
    except OSError:
        return None
    return lines + (last != b"\n")
