"""A piece of a file's lines, looked at row by row: everything that a scan wants of them, small enough to be sent."""

import json
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.data.line_ranges import LARGEST_ROW
from app.data.row_format import Odd, RowFormat, object_of
from app.data.row_reading import read_row

KEY = "q"
"""The type of an array of keys: 64 bits each."""
KEPT = 20
"""Odd rows of each code that are told, not only counted."""
_UNREADABLE = 0


@dataclass
class Piece:
    """Lines count from 0 here."""

    rows: int = 0
    odd: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, code and words of the first of each code."""
    odd_counts: Counter[str] = field(default_factory=Counter)
    conversations: int = 0
    characters: Counter[int] = field(default_factory=Counter)
    keys: array = field(default_factory=lambda: array(KEY))
    """A hash of each line without white space around it, 0 for what is no JSON."""

    def tell(self, line: int, odd: Odd) -> None:
        self.odd_counts[odd.code] += 1
        if self.odd_counts[odd.code] <= KEPT:
            self.odd.append((line, odd.code, odd.words))


def scan_piece(lines: Sequence[bytes], keys: RowFormat, format: str | None) -> Piece:
    """Of the lines of a file of that format; without a format it is only seen whether they are JSON."""
    piece = Piece(rows=len(lines))
    judge = keys.judge(format) if format else None
    characters: dict[int, int] = {}
    hashes: list[int] = []
    for number, line in enumerate(lines):
        try:
            if len(line) >= LARGEST_ROW:
                raise Odd("too-long", f"it has more than {LARGEST_ROW >> 20} MiB and was not read")
            row, is_whole = read_row(line)
        except Odd as odd:
            hashes.append(_UNREADABLE)
            piece.tell(number, odd)
            continue
        hashes.append(hash(line.strip()))
        if judge is None:
            continue
        try:
            length, answers = judge(row if type(row) is dict else object_of(row), is_whole)
        except Odd as odd:
            piece.tell(number, odd)
            continue
        characters[length] = characters.get(length, 0) + 1
        if answers > 1:
            piece.conversations += 1
    piece.keys.extend(hashes)
    for length, rows in characters.items():
        piece.characters[_rounded(length)] += rows
    return piece


def encode_piece(piece: Piece) -> str:
    """One line of JSON."""
    fields = {
        "rows": piece.rows,
        "odd": piece.odd,
        "odd_counts": piece.odd_counts,
        "conversations": piece.conversations,
        "characters": list(piece.characters.items()),
        "keys": piece.keys.tobytes().hex(),
    }
    return json.dumps(fields)


def decode_piece(line: str) -> Piece:
    fields = json.loads(line)
    keys = array(KEY)
    keys.frombytes(bytes.fromhex(fields["keys"]))
    return Piece(
        fields["rows"],
        [(line, code, words) for line, code, words in fields["odd"]],
        Counter(fields["odd_counts"]),
        fields["conversations"],
        Counter(dict(fields["characters"])),
        keys,
    )


def _rounded(characters: int) -> int:
    """Down to six binary digits, which keeps the lengths of any file few."""
    shift = max(0, characters.bit_length() - 6)
    return characters >> shift << shift
