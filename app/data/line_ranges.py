"""A file of lines, taken in pieces of whole lines, so that its size does not matter."""

import re
from collections.abc import Iterator
from typing import BinaryIO

LARGEST_ROW = 1 << 26
"""Bytes of the longest line that is looked at."""
_BLOCK = 1 << 16
_LINE_END = re.compile(rb"\r\n|\n|\r")
"""As `open` has it in text mode, which is how mlx-lm reads."""

Range = tuple[int, int]
"""Bytes from, and up to."""


def ranges(file: BinaryIO, size: int, about: int) -> Iterator[Range]:
    """All of a file in pieces of about so many bytes, each beginning with a line."""
    start = 0
    while start < size:
        end = _line_start(file, start + about, size)
        yield start, end
        start = end


def lines_in(file: BinaryIO, piece: Range, about: int) -> list[bytes]:
    """The lines of a piece without their ends. Of one that is longer than LARGEST_ROW, as much."""
    start, end = piece
    file.seek(start)
    data = file.read(min(end - start, about + LARGEST_ROW))
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _line_start(file: BinaryIO, position: int, size: int) -> int:
    """Where the first line begins that does not begin before `position`; `size` when none does."""
    if position >= size:
        return size
    at = position - 1
    file.seek(at)
    block = file.read(_BLOCK)
    while block:
        if found := _LINE_END.search(block):
            is_cut = found.group() == b"\r" and found.end() == len(block)
            following = file.read(1) if is_cut else b""
            return at + found.end() + (following == b"\n")
        at += len(block)
        block = file.read(_BLOCK)
    return size
