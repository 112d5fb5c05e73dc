"""What a max_seq_length and a batch size make of rows whose lengths are known: kept, cut, padded, left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.lengths import SetLengths, Truncated, padding_waste, truncated
from app.data.padding import Padded

CHARACTERS_PER_TOKEN = 4
"""Of English text, about: https://help.openai.com/en/articles/4936856. Code and other languages have fewer."""
_STEP = 64
"""Suggested lengths are multiples of it: of 32, to which mlx-lm pads, and rounder."""
_CUT_AT_MOST = 0.01
"""Share of the tokens that a suggested length may cut. Our choice: a few long rows set the peak of memory for all."""


@dataclass(frozen=True)
class SetLens:
    """Of one pass over a set. Tokens are of rows, padding apart."""

    rows: int
    tokens: int
    longest: int
    median: int
    cut: Truncated
    never_trained: int
    """Rows left over when batches are filled: mlx-lm leaves the same ones out in every pass."""
    tokens_per_epoch: int
    """Of the rows that are in a batch, as far as max_seq_length lets them in."""
    trained_tokens_per_epoch: int
    """Those of them behind their prompts, where these are masked. mlx-lm counts a token a row more or less."""
    without_lesson: int
    """Rows whose masked prompt alone fills max_seq_length: nothing of them is trained."""
    waste: float | None
    """Share of what a step computes that is padding, from 0 to 1; None when no batch is filled."""
    is_waste_exact: bool
    """Else it is what is expected of rows whose long and short ones are well mixed."""


@dataclass(frozen=True)
class Suggestion:
    """A `max_seq_length`, and its price."""

    max_seq_length: int
    cut: Truncated


@dataclass(frozen=True)
class Bin:
    """Rows that are longer than `above`, and no longer than `to`; None is without end."""

    above: int
    to: int | None
    rows: int


Counts = Sequence[tuple[int, int]]
"""Lengths and the rows that have each, the shortest first: of tokens, or of characters."""


def look(lengths: SetLengths, max_seq_length: int, batch_size: int, padded: Padded | None = None) -> SetLens | None:
    """None without a row. `padded` is what the rows in their order come to, where it is known; without it, the tokens
    of an epoch are at most a little too many for a batch size above 256."""
    cut = truncated(lengths, max_seq_length)
    if lengths.longest is None or cut is None:
        return None
    rest = lengths.rows % batch_size
    left_out = lengths.last[-rest:] if rest else ()
    kept = lengths.tokens - cut.tokens - sum(min(length, max_seq_length) for length in left_out)
    if padded:
        kept = padded.tokens
    masked = sum(min(length, max_seq_length) * rows for length, rows in lengths.prompts)
    return SetLens(
        rows=lengths.rows,
        tokens=lengths.tokens,
        longest=lengths.longest,
        median=quantile(lengths.counts, 0.5),
        cut=cut,
        never_trained=rest,
        tokens_per_epoch=kept if rest < lengths.rows else 0,
        trained_tokens_per_epoch=max(0, kept - round(masked * (1 - rest / lengths.rows))),
        without_lesson=sum(rows for length, rows in lengths.prompts if length >= max_seq_length),
        waste=padded.waste if padded and padded.batches else padding_waste(lengths, max_seq_length, batch_size),
        is_waste_exact=padded is not None,
    )


def suggest(lengths: SetLengths) -> Suggestion | None:
    """The smallest multiple of 64 that cuts at most a hundredth of the tokens; None without a row."""
    if lengths.longest is None:
        return None
    steps = range(1, lengths.longest // _STEP + 2)
    # A longer length never cuts more, so halving finds the first that is good enough.
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        cut = truncated(lengths, steps[middle] * _STEP)
        low, high = (low, middle) if cut and cut.tokens <= _CUT_AT_MOST * lengths.tokens else (middle + 1, high)
    cut = truncated(lengths, steps[low] * _STEP)
    assert cut is not None
    return Suggestion(steps[low] * _STEP, cut)


def quantile(counts: Counts, share: float) -> int:
    """The length that this share of the rows does not exceed."""
    wanted, seen = share * sum(rows for _, rows in counts), 0
    for length, rows in counts:
        seen += rows
        if seen >= wanted:
            return length
    return 0


def histogram(counts: Counts, line: int | None, bins: int) -> tuple[Bin, ...]:
    """At most about so many bins, as wide as a power of two; one of them ends at `line` where rows are around it.

    They reach from the shortest row to the longest of 99 %, or to the line; what is longer is in one bin without end.
    """
    if not counts:
        return ()
    shortest, longest = max(0, counts[0][0] - 1), counts[-1][0]
    reach = max(quantile(counts, 0.99), min(line or 0, longest), 1)
    width = 1
    while width * bins < reach - shortest:
        width *= 2
    start = shortest // width * width
    ends = set(range(start + width, reach + width, width))
    if line is not None and start < line < max(ends):
        ends.add(line)
    edges = [start, *sorted(ends)]
    found = [0] * len(edges)
    at = 1
    for length, rows in counts:
        while at < len(edges) and length > edges[at]:
            at += 1
        found[at - 1] += rows
    told = [Bin(above, to, rows) for above, to, rows in zip(edges, edges[1:], found, strict=False)]
    return (*told, Bin(edges[-1], None, found[-1])) if found[-1] else tuple(told)
