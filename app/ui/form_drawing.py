"""One line of a form, drawn."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from app.ui.form_layout import LABEL, STATUS, STEPPER, FormLayout
from app.wire.text import pictured

if TYPE_CHECKING:
    from app.ui.row import Row

StyleOf = Callable[[str], Style]
"""From a name (label, label-current, value, faint, chosen, chosen-current, plain, edited, warning, error, ground)."""


def draw_line(layout: FormLayout, y: int, current: int | None, letter: str, style: StyleOf) -> Strip:
    """`current` is the field under the cursor, None while keys go elsewhere; `letter` is jump mode's for this line."""
    at, line = layout.row_at(y)
    if at is None:
        return Strip.blank(layout.width, style("ground"))
    row, is_current = layout.rows[at], at == current
    segments = _label(row if line == 0 else None, letter if line == 0 else "", is_current, style)
    value = Strip(_value(row, line, is_current, layout.has_room_for_words(row), style))
    if is_current and layout.stepper_width(row):
        value = value.adjust_cell_length(layout.value_width - len(STEPPER), style("ground"))
        value = Strip([*value, Segment(STEPPER, style("faint"))])
    segments += value.adjust_cell_length(layout.value_width, style("ground"))
    if layout.status_width:
        status = f" {row.status if line == 0 else '':<{STATUS - 1}}"[:STATUS]
        segments.append(Segment(status, style(row.tone)))
    return Strip(segments).adjust_cell_length(layout.width, style("ground"))


def _label(row: "Row | None", letter: str, is_current: bool, style: StyleOf) -> list[Segment]:
    words = row.label if row else ""
    shown = style("label-current" if is_current else "label")
    if letter:
        return [Segment(letter, style("chosen-current")), Segment(f" {words:<{LABEL - 2}}"[: LABEL - 1], shown)]
    return [Segment(f"{words:<{LABEL}}"[:LABEL], shown)]


def _value(row: "Row", line: int, is_current: bool, has_room: bool, style: StyleOf) -> list[Segment]:
    chosen = style("chosen-current" if is_current else "chosen")
    if row.is_switch:
        knob = "━━●" if row.text == "true" else "●──"
        return [Segment(knob, chosen), Segment(f" {row.text}", style("value"))]
    if row.options and not has_room:
        number = f" {row.options.index(row.text) + 1} of {len(row.options)}" if row.text in row.options else ""
        return [Segment(f"‹{row.text}›", chosen), Segment(number, style("faint"))]
    if row.options:
        gap = Segment(" ", style("ground"))
        words = [
            Segment(f"‹{word}›", chosen) if word == row.text else Segment(word, style("faint")) for word in row.options
        ]
        return [segment for word in words for segment in (word, gap)]
    if not row.text:
        return [Segment(row.placeholder, style("faint"))]
    lines = row.text.split("\n")
    return [Segment(pictured(lines[line]) if line < len(lines) else "", style("value"))]
