"""Where everything of a form stands: pure geometry, in cells from the form's left top corner."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.geometry import Region

if TYPE_CHECKING:
    from app.ui.row import Row


LABEL, STATUS, STEPPER = 20, 12, " ‹ › "
TALLEST = 8
"""Lines of a structure before it scrolls in its own editor."""


@dataclass(frozen=True)
class Hit:
    """What stands at a cell: the field, which part of it, and the word to choose or the direction to step there."""

    at: int
    part: Literal["label", "value", "word", "stepper", "status"]
    word: str = ""
    direction: int = 0


@dataclass(frozen=True)
class FormLayout:
    rows: "tuple[Row, ...]"
    width: int

    @property
    def height(self) -> int:
        return sum(map(row_height, self.rows))

    @property
    def status_width(self) -> int:
        return STATUS if self.width >= 44 else 0

    @property
    def value_width(self) -> int:
        return self.width - LABEL - self.status_width

    def stepper_width(self, row: "Row") -> int:
        """Of the two arrows at the end of a number under the cursor."""
        return len(STEPPER) if row.is_number and self.width >= 50 else 0

    def has_room_for_words(self, row: "Row") -> bool:
        """Whether all words of a choice fit beside each other; else the chosen one stands alone, with its number."""
        return row.is_switch or sum(len(word) + 1 for word in row.options) + 2 <= self.value_width

    def row_at(self, y: int) -> tuple[int | None, int]:
        """The field on a line, and which of its lines that is."""
        for at, row in enumerate(self.rows):
            if y < row_height(row):
                return at, y
            y -= row_height(row)
        return None, 0

    def region(self, at: int) -> Region:
        """All of a field."""
        top = sum(row_height(row) for row in self.rows[:at])
        return Region(0, top, self.width, row_height(self.rows[at]))

    def editor_region(self, at: int) -> Region:
        """The place of a field's editor."""
        row, region = self.rows[at], self.region(at)
        return Region(LABEL, region.y, max(4, self.value_width - self.stepper_width(row)), region.height)

    def hit(self, x: int, y: int, current: int) -> Hit | None:
        """What stands at a cell, while the cursor is on the field `current`."""
        at, _ = self.row_at(y)
        if at is None:
            return None
        row, x = self.rows[at], x - LABEL
        if x < 0:
            return Hit(at, "label")
        if x >= self.value_width:
            return Hit(at, "status")
        if row.options:
            return Hit(at, "word", _word_at(row, x) if self.has_room_for_words(row) else _next_word(row))
        into_stepper = x - (self.value_width - self.stepper_width(row))
        if at == current and self.stepper_width(row) and into_stepper >= 0:
            return Hit(at, "stepper", direction=-1 if into_stepper <= len(STEPPER) // 2 else 1)
        return Hit(at, "value")


def row_height(row: "Row") -> int:
    return min(TALLEST, max(1, row.text.count("\n") + 1)) if row.is_structure else 1


def _next_word(row: "Row") -> str:
    at = row.options.index(row.text) + 1 if row.text in row.options else 0
    return row.options[at % len(row.options)]


def _word_at(row: "Row", x: int) -> str:
    """The word at a cell of the value; of a switch the other word, wherever it is hit; else the one that stands."""
    if row.is_switch:
        return _next_word(row)
    left = 0
    for word in row.options:
        width = len(word) + 2 * (word == row.text)
        if left <= x < left + width:
            return word
        left += width + 1
    return row.text
