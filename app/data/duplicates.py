"""Rows that stand more than once, found in arrays of keys: no object of Python's for each row.

The keys are hashes of 64 bits: that two different rows of 10 million share one has a chance of 3 in a million.
"""

from array import array
from typing import Any

from app.data.dataset import Duplicates

KEPT = 20
"""Pairs of lines that are told."""


def repeated(keys: array) -> Duplicates:
    """Of a file's rows in turn; a key of 0 is no row."""
    import numpy  # only the process that scans pays for it

    rows = numpy.frombuffer(keys, numpy.int64)
    found = numpy.sort(rows)
    several = numpy.unique(found[1:][(found[1:] == found[:-1]) & (found[1:] != 0)])
    if not len(several):
        return Duplicates()
    lines = numpy.flatnonzero(_among(rows, several))
    first: dict[int, int] = {}
    pairs: list[tuple[int, int]] = []
    for line, key in zip(lines.tolist(), rows[lines].tolist(), strict=True):
        if (earlier := first.setdefault(key, line)) != line and len(pairs) < KEPT:
            pairs.append((line + 1, earlier + 1))
    return Duplicates(len(lines) - len(several), tuple(pairs))


def shared(keys: array, other: array) -> Duplicates:
    """Rows of a file that stand in another: the line here, and the first such line there."""
    import numpy

    rows, others = (numpy.frombuffer(each, numpy.int64) for each in (keys, other))
    if not len(others):
        return Duplicates()
    lines = numpy.flatnonzero(_among(rows, numpy.sort(others)) & (rows != 0))
    there = (int(numpy.flatnonzero(others == rows[line])[0]) + 1 for line in lines[:KEPT])
    pairs = zip((int(line) + 1 for line in lines[:KEPT]), there, strict=True)
    return Duplicates(len(lines), tuple(pairs))


def _among(rows: Any, wanted: Any) -> Any:
    """Which of the rows are in a sorted array that is not empty."""
    at = wanted.searchsorted(rows)
    at[at == len(wanted)] = 0
    return wanted[at] == rows
