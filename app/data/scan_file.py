"""One file, scanned in pieces: its format, its odd rows, what stands in it twice. Memory is 8 bytes a row."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.data.dataset import FileFacts, OddRow
from app.data.duplicates import repeated
from app.data.line_ranges import Range, lines_in, ranges
from app.data.row_format import Odd, RowFormat, object_of
from app.data.row_reading import read_row
from app.data.scan_piece import KEPT, KEY, Piece, scan_piece
from app.data.scan_workers import PIECE, Workers

_WORTH_WORKERS = 16 * PIECE
"""Bytes. A smaller file is read before they have started."""
_TOLD_ONCE = ("not-text",)
"""What mlx-lm's reader breaks at; nothing is said of what it would find behind."""

OnBytes = Callable[[int], None]
"""Given the bytes of a file that are done."""


@dataclass(frozen=True)
class Beginning:
    """What the first lines tell of a file."""

    format: str | None
    odd: OddRow | None = None
    """What is wrong with the row by which mlx-lm tells the format."""
    is_left: bool = False
    """Whether nothing is to be said of its rows: they are no lines."""


def scan_file(path: Path, keys: RowFormat, workers: Callable[[], Workers], told: OnBytes) -> tuple[FileFacts, array]:
    """The facts, and a key of each row by which it is known elsewhere. Raises OSError and WorkerDied.

    `workers` starts them, and is called for a large file only.
    """
    size = path.stat().st_size
    if not size:
        return FileFacts(path, 0, None, "The file is empty: it holds no row."), array(KEY)
    beginning = _beginning(path, keys, size)
    total = _Total(beginning)
    with path.open("rb") as file:
        pieces = ranges(file, size, PIECE)
        if beginning.is_left:
            for piece in pieces:
                total.add(piece, Piece(rows=len(lines_in(file, piece, PIECE))))
                told(piece[1])
        elif size <= _WORTH_WORKERS:
            for piece in pieces:
                total.add(piece, scan_piece(lines_in(file, piece, PIECE), keys, beginning.format))
                told(piece[1])
        else:
            asked: list[Range] = []
            scanned = workers().scan(path, _noted(pieces, asked), keys, beginning.format)
            for number, found in enumerate(scanned):
                total.add(asked[number], found)
                told(asked[number][1])
    return total.facts(path, size), total.keys


def _noted(pieces: Iterator[Range], asked: list[Range]) -> Iterator[Range]:
    for piece in pieces:
        asked.append(piece)
        yield piece


def _beginning(path: Path, keys: RowFormat, size: int) -> Beginning:
    """By the first row that can be read, within the first piece."""
    with path.open("rb") as file:
        lines = lines_in(file, next(ranges(file, size, PIECE)), PIECE)
    if lines[0].startswith((b"\xff\xfe", b"\xfe\xff")):
        words = "it is UTF-16: save the file as UTF-8"
        return Beginning(None, OddRow(1, "not-text", words), is_left=True)
    if lines[0].lstrip().startswith(b"["):
        words = "it begins a JSON array, where each line should be an object"
        return Beginning(None, OddRow(1, "json-array", words), is_left=True)
    for number, line in enumerate(lines, start=1):
        try:
            row, _ = read_row(line)
        except Odd:
            continue
        try:
            row = object_of(row)
        except Odd as odd:
            return Beginning(None, OddRow(number, odd.code, odd.words))
        format = keys.of(row)
        words = f"it has none of the keys {keys.chat}, {keys.prompt} with {keys.completion}, or {keys.text}"
        return Beginning(format, None if format else OddRow(number, "unknown-format", words))
    return Beginning(None)


@dataclass
class _Total:
    """Of the pieces so far, in their order."""

    beginning: Beginning
    rows: int = 0
    odd: list[OddRow] = field(default_factory=list)
    odd_counts: Counter[str] = field(default_factory=Counter)
    conversations: int = 0
    characters: Counter[int] = field(default_factory=Counter)
    keys: array = field(default_factory=lambda: array(KEY))
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, piece: Range, found: Piece) -> None:
        self.places.append((self.rows + 1, piece[0]))
        told = Counter(odd.code for odd in self.odd)
        for line, code, words in found.odd:
            told[code] += 1
            if told[code] <= (1 if code in _TOLD_ONCE else KEPT):
                self.odd.append(OddRow(self.rows + line + 1, code, words))
        self.rows += found.rows
        self.odd_counts += found.odd_counts
        self.conversations += found.conversations
        self.characters += found.characters
        self.keys.extend(found.keys)

    def facts(self, path: Path, size: int) -> FileFacts:
        first = self.beginning.odd
        odd = sorted([*self.odd, *([first] if first else [])], key=lambda odd: odd.line)
        counts = self.odd_counts + Counter([first.code] if first else [])
        return FileFacts(
            path,
            self.rows,
            self.beginning.format,
            odd_count=counts.total(),
            odd=tuple(odd),
            odd_counts=tuple(sorted(counts.items())),
            conversations=self.conversations,
            duplicates=repeated(self.keys),
            characters=tuple(sorted(self.characters.items())),
            size=size,
            places=tuple(self.places),
        )
