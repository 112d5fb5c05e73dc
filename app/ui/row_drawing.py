"""A row of a dataset as lines of a width: its tokens, marked by what becomes of them, or its bare text."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len, get_character_cell_size
from textual.content import Content

from app.data.row_view import RowView, Token
from app.session.row_words import CUT, GIVEN, MASKED, TRAINED, fate, token_words
from app.wire.text import printable

Pieces = Sequence[tuple[str, str]]
"""Texts of a line, safe to show, and their styles."""

_BARS = {TRAINED: "┃", MASKED: "┆", GIVEN: "·", CUT: "╳"}
_MARGINS = {TRAINED: "$text-success bold", MASKED: "$text-muted", GIVEN: "$text-muted", CUT: "$text-error bold"}
_STYLES = {TRAINED: "$foreground", MASKED: "$text-muted", GIVEN: "$text-muted", CUT: "$text-error strike"}
_MARGIN = 10
"""Cells before the text: what becomes of it in words, and a bar, so that colour is not needed."""
_SHADE = "on $panel"
"""Of every other token, so that one sees where tokens end."""

LEGEND = Content.assemble(
    ("┃ trained", _MARGINS[TRAINED]),
    "  ",
    ("┆ masked: read, not learned", _MARGINS[MASKED]),
    "  ",
    ("╳ cut off", _MARGINS[CUT]),
    "  ",
    ("⟦special token⟧", "$text-accent bold"),
)


def token_lines(view: RowView, width: int) -> list[Pieces]:
    """The row token by token, every other one shaded; a line end is shown, and ends a line."""
    lines: list[Pieces] = []
    number = 0
    for state, tokens in groupby(view.tokens, lambda token: fate(token, view)):
        filling = _Filling(max(8, width - _MARGIN))
        for token in tokens:
            filling.take(token, f"{_STYLES[state]}{' ' + _SHADE if number % 2 else ''}")
            number += bool(token.text)
        for at, line in enumerate(filling.whole()):
            margin = f"{state if not at else '':<8}{_BARS[state]} "
            lines.append([(margin, _MARGINS[state]), *line])
    return lines


def text_lines(raw: str, width: int) -> list[Pieces]:
    """The bare text of a line that is not tokenized."""
    filling = _Filling(max(8, width))
    filling.add(printable(raw), "$foreground")
    return list(filling.whole())


class _Filling:
    """Texts put one behind the other into lines of a width in cells."""

    def __init__(self, width: int):
        self._width, self._used = width, 0
        self._lines: list[list[tuple[str, str]]] = [[]]

    def take(self, token: Token, style: str) -> None:
        text = token_words(token)
        if token.is_special:
            style = style.replace("$foreground", "$text-accent bold").replace("$text-muted", "$text-accent")
        *whole, rest = text.split("\n")
        for part in whole:
            self.add(f"{printable(part)}⏎", style)
            self._break()
        self.add(printable(rest), style)

    def add(self, text: str, style: str) -> None:
        text = text.replace("\t", "→   ")
        while text:
            fits = _fitting(text, self._width - self._used)
            if not fits and self._used:
                self._break()
                continue
            fits = fits or 1  # wider than a whole line, which nothing mends
            self._lines[-1].append((text[:fits], style))
            self._used += cell_len(text[:fits])
            text = text[fits:]

    def whole(self) -> Iterator[Pieces]:
        yield from (line for line in self._lines if line or len(self._lines) == 1)

    def _break(self) -> None:
        self._lines.append([])
        self._used = 0


def _fitting(text: str, room: int) -> int:
    """How many of its characters stand in `room` cells."""
    if text.isascii():
        return min(len(text), max(0, room))
    used = 0
    for at, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > room:
            return at
    return len(text)
