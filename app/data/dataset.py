"""What a scan tells of a dataset's files, without a tokenizer."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class OddRow:
    """One row that mlx-lm cannot read as its file's other rows, or that teaches nothing. `line` counts from 1."""

    line: int
    code: str
    """What is wrong, the same between versions: `blank-line`, `not-json`, `other-format`, `empty-completion`, ..."""
    words: str
    """One sentence for a person, without the place."""


@dataclass(frozen=True)
class Duplicates:
    """Rows that stand more than once, in one file or in another too."""

    count: int = 0
    """Rows beyond the first of their kind."""
    first: tuple[tuple[int, int], ...] = ()
    """Lines of the first few: the row, and the row that it repeats."""


@dataclass(frozen=True)
class FileFacts:
    """One `train.jsonl`, `valid.jsonl` or `test.jsonl`."""

    path: Path
    rows: int
    """Lines, as mlx-lm counts them."""
    format: str | None
    """`chat`, `tools`, `completions` or `text`, as mlx-lm tells it by the first row; None when it cannot."""
    problem: str = ""
    """Why mlx-lm cannot read the file at all, one sentence; empty when it can."""
    odd_count: int = 0
    odd: tuple[OddRow, ...] = ()
    """The first of them, in their order: at least the first five of each code."""
    odd_counts: tuple[tuple[str, int], ...] = ()
    """Codes of odd rows, and the rows that have each."""
    conversations: int = 0
    """Rows with more than one message of the assistant."""
    duplicates: Duplicates = Duplicates()
    characters: tuple[tuple[int, int], ...] = ()
    """Characters of text in a row, rounded down by 3 % at most, and the rows that have as many; the shortest first.
    Odd rows are not among them."""
    size: int = 0
    """Bytes."""
    places: tuple[tuple[int, int], ...] = ()
    """Lines and the bytes at which they begin, some megabytes apart, by which a row is found."""


@dataclass(frozen=True)
class DatasetFacts:
    """Of a folder; None for a file that is not there."""

    train: FileFacts | None
    valid: FileFacts | None
    test: FileFacts | None
    valid_in_train: Duplicates = Duplicates()
    """Rows of valid.jsonl that stand in train.jsonl too: the line there, and the line in train.jsonl."""
    test_in_train: Duplicates = Duplicates()

    @property
    def files(self) -> tuple[FileFacts, ...]:
        return tuple(each for each in (self.train, self.valid, self.test) if each is not None)
