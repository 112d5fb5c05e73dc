"""How long the rows of a dataset are in tokens, and what mlx-lm's batches make of that."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

_PAD_TO = 32
"""`pad_to` of mlx_lm.tuner.trainer.iterate_batches."""


@dataclass(frozen=True)
class SetLengths:
    """The rows of one set that mlx-lm can tokenize, by their length."""

    counts: tuple[tuple[int, int], ...]
    """Length in tokens and the rows that have it, the shortest first."""
    odd_rows: int = 0
    """Rows that mlx-lm cannot tokenize; they are in no other figure here."""
    first_odd: tuple[int, ...] = ()
    """The numbers of the first few of them, from 1: lines, where the set is a file."""
    last: tuple[int, ...] = ()
    """The lengths of the last rows in mlx-lm's order, 255 at most: it trains none of the last rows mod batch_size."""
    prompts: tuple[tuple[int, int], ...] = ()
    """Tokens before those that train, and the rows that have as many; empty without mask_prompt."""

    @cached_property
    def rows(self) -> int:
        return sum(rows for _, rows in self.counts)

    @cached_property
    def tokens(self) -> int:
        return sum(length * rows for length, rows in self.counts)

    @property
    def longest(self) -> int | None:
        """None without a row."""
        return self.counts[-1][0] if self.counts else None


@dataclass(frozen=True)
class Lengths:
    train: SetLengths
    valid: SetLengths | None
    """None when there is no such set."""
    order: Path | None = None
    """A file of all lengths in mlx-lm's order, those of `valid` behind those of `train`, as an array of type I; None
    where they are not kept."""


@dataclass(frozen=True)
class Truncated:
    """What `max_seq_length` cuts off: how many rows it cuts, and their tokens beyond it."""

    rows: int
    tokens: int


def truncated(lengths: SetLengths | None, max_seq_length: int) -> Truncated | None:
    """None when nothing is known."""
    if lengths is None:
        return None
    cut = [(length - max_seq_length, rows) for length, rows in lengths.counts if length > max_seq_length]
    return Truncated(sum(rows for _, rows in cut), sum(tokens * rows for tokens, rows in cut))


def padded_width(lengths: SetLengths | None, max_seq_length: int, batch_size: int = 1) -> int | None:
    """Tokens of the widest batch that mlx-lm makes of a set, padding included; None when it makes none.

    At most that for a batch size above 256 whose rest of rows happens to hold the longest.
    """
    longest = _longest_trained(lengths, batch_size) if lengths else None
    return None if longest is None else padded_length(longest, max_seq_length)


def padding_waste(lengths: SetLengths | None, max_seq_length: int, batch_size: int) -> float | None:
    """The share of a batch that is padding, from 0 to 1; None when there is no batch.

    mlx-lm means to batch rows of like length and does not: this is the mean over all ways to fill the batches, what
    is expected of a file in which long and short rows are mixed.
    """
    if lengths is None or not 0 < batch_size <= lengths.rows:
        return None
    width = _mean_width(lengths, max_seq_length, batch_size)
    kept = sum(min(length, max_seq_length) * rows for length, rows in lengths.counts) / lengths.rows
    return 1 - kept / width


def decode_lengths(body: Mapping[str, Any], order: Path | None = None) -> Lengths:
    """From the engine's answer. Raises KeyError, TypeError or ValueError when it is none."""
    return Lengths(_decode_set(body["train"]), None if body["valid"] is None else _decode_set(body["valid"]), order)


def padded_length(length: int, max_seq_length: int) -> int:
    """As mlx_lm.tuner.trainer.iterate_batches (0.32) pads a batch whose longest row has this length."""
    return min(1 + _PAD_TO * ((length + _PAD_TO - 1) // _PAD_TO), max_seq_length)


def _longest_trained(lengths: SetLengths, batch_size: int) -> int | None:
    rest = lengths.rows % batch_size
    if rest == lengths.rows:
        return None
    untrained = Counter(lengths.last[-rest:] if rest else ())
    return next(length for length, rows in reversed(lengths.counts) if rows > untrained[length])


def _mean_width(lengths: SetLengths, max_seq_length: int, batch_size: int) -> float:
    """Over all batches of so many of the rows: each width times the share of batches that have it."""
    rows_of: Counter[int] = Counter()
    for length, rows in lengths.counts:
        rows_of[padded_length(length, max_seq_length)] += rows
    total, narrower, share_narrower, mean = lengths.rows, 0, 0.0, 0.0
    for width in sorted(rows_of):
        narrower += rows_of[width]
        share = 1.0
        for drawn in range(batch_size):
            share *= max(0, narrower - drawn) / (total - drawn)
        mean += width * (share - share_narrower)
        share_narrower = share
    return mean


def _decode_set(body: Mapping[str, Any]) -> SetLengths:
    decoded = SetLengths(
        counts=tuple((length, rows) for length, rows in body["counts"]),
        odd_rows=body["odd"],
        first_odd=tuple(body["first_odd"]),
        last=tuple(body["last"]),
        prompts=tuple((length, rows) for length, rows in body["prompts"]),
    )
    numbers = [number for pair in decoded.counts + decoded.prompts for number in pair]
    numbers += [decoded.odd_rows, *decoded.first_odd, *decoded.last]
    are_counts = all(type(number) is int and number >= 0 for number in numbers)
    if not are_counts or list(decoded.counts) != sorted(decoded.counts):
        raise ValueError("no lengths of rows")
    return decoded
