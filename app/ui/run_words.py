"""What the list of runs says: a line for each, what there is to say of one, and in what some differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.content import Content

from app.runs import units, wording
from app.runs.differences import Difference
from app.session.run_list import ListedRun
from app.ui.deck import in_short
from app.wire.text import printable

TONES = ("$text-primary", "$text-warning", "$text-success", "$text-error", "$foreground", "$text-accent")
"""Of marked runs, in the order of the chart's."""
STATES = {
    "queued": ("◌", "$text-muted"), "starting": ("▶", "$text-accent"),
    "running": ("▶", "$text-accent"), "finished": ("✔", "$text-success"),
    "stopped": ("■", "$text-warning"), "paused": ("‖", "$text-warning"), "failed": ("✗", "$text-error"),
    "died": ("✗", "$text-error"),
}  # fmt: skip

NARROWEST = 22
"""Cells of a column of compared values; where there are fewer, they stand below each other."""
MARK, STATE, NAME = 2, 11, 29
"""Cells of what every line has: the letter, the state, the name, which takes what is left."""


@dataclass(frozen=True)
class Column:
    head: str
    width: int
    """Cells, a space before it included."""
    words: Callable[[ListedRun], str]
    spare: int
    """Where room is short, the most spare one goes first."""


def speed(run: ListedRun) -> str:
    """Tokens a second over the whole of its training."""
    pace = run.figures.tokens_per_second if run.figures else None
    return f"{pace:,.0f}" if pace is not None else "–"


COLUMNS = (
    Column("model", 14, lambda run: wording.last_name(run.summary.model), 6),
    Column("data", 12, lambda run: wording.last_name(run.summary.data), 8),
    Column("iteration", 13, lambda run: f"{run.summary.iteration}/{run.summary.iters}", 7),
    Column("train", 8, lambda run: units.loss(run.train_loss), 2),
    Column("valid", 8, lambda run: units.loss(run.validation_loss), 3),
    Column("best", 8, lambda run: units.loss(run.figures.best_loss if run.figures else None), 1),
    Column("time", 10, lambda run: units.duration(run.figures.seconds if run.figures else None), 4),
    Column("tok/s", 8, speed, 5),
)
_LEFT = ("model", "data")


def fitting(width: int) -> list[Column]:
    """The columns that there is room for beside the name."""
    kept = list(COLUMNS)
    while kept and MARK + STATE + NAME + sum(column.width for column in kept) > width:
        kept.remove(max(kept, key=lambda column: column.spare))
    return kept


def head(width: int, place: int, count: int) -> Content:
    """`place` is that of the run under the cursor, counted from 1, among `count`."""
    columns = fitting(width)
    run = f"run {place:,} of {count:,}" if count else "run"
    cells = [_cell(column, column.head) for column in columns]
    return Content.styled(" " * MARK + "state".ljust(STATE) + run.ljust(_room(width, columns)) + "".join(cells), "bold")


def line(run: ListedRun, mark: str, tone: int, width: int) -> Content:
    columns = fitting(width)
    symbol, style = STATES.get(run.summary.state, ("·", ""))
    name = Content(printable(run.id)).truncate(_room(width, columns), ellipsis=True, pad=True)
    return Content.assemble(
        (mark.ljust(MARK), f"{TONES[tone % len(TONES)]} bold"),
        (f"{symbol} {run.summary.state}".ljust(STATE), style),
        name,
        *(_cell(column, printable(column.words(run))) for column in columns),
    )


def about(run: ListedRun, start: Path) -> Content:
    """What the line has no room for: two lines."""
    one, figures = run.summary, run.figures
    parts = []
    if figures is not None and figures.best_loss is not None:
        parts.append(f"best {units.loss(figures.best_loss)} at {figures.best_iteration:,}")
    if figures is not None and figures.test_loss is not None:
        parts.append(f"test loss {units.loss(figures.test_loss)}")
    parts.append(f"iteration {one.iteration:,} of {one.iters:,}")
    if figures is not None:
        parts.append(f"{figures.tokens:,} tokens")
    parts += [f"data {printable(one.data)}", printable(one.model)]
    if one.how:
        second = Content.styled(f"✗ {printable(one.how)}", "$text-error")
    else:
        source = printable(in_short(one.source, start)) if one.source else "values that were in no file"
        adapter = printable(in_short(one.adapter_path, start))
        second = Content.styled(f"from {source}, adapter in {adapter}", "$text-muted")
    return Content("\n").join([Content(" · ".join(parts)), second])


def differing(names: Sequence[tuple[str, str]], found: Sequence[Difference], width: int) -> Content:
    """`names` are letter and name of each run. Side by side where there is room, else below each other."""
    legend = [Content.assemble((f"{mark} ", "bold"), printable(name)) for mark, name in names]
    if not found:
        return Content("\n").join([*legend, Content(""), Content("They were trained with the same values.")])
    keys = max(len(printable(one.key)) for one in found) + 2
    widest = max(len(printable(value)) for one in found for value in one.values) + 2
    column = min(widest, (width - keys) // len(names))
    if column >= min(widest, NARROWEST):
        top = Content.styled(" " * keys + "".join(mark.ljust(column) for mark, _ in names), "bold")
        rows = [line for one in found for line in _beside(one, names, keys, column)]
        return Content("\n").join([*legend, Content(""), top, *rows])
    rows = [line for one in found for line in _below(one, names)]
    return Content("\n").join([*legend, Content(""), *rows])


def _beside(one: Difference, names: Sequence[tuple[str, str]], keys: int, column: int) -> list[Content]:
    """In columns of so many cells: of long values the end, in which paths differ, unless that hides the difference."""
    values = [printable(value) for value in one.values]
    room = column - 2
    cut = [value if len(value) <= room else f"…{value[1 - room :]}" for value in values]
    if len(set(cut)) < len(set(values)):
        return _below(one, names)
    cells = "".join(value.ljust(column) for value in cut)
    return [Content.assemble(printable(one.key).ljust(keys), (cells, "bold"))]


def _below(one: Difference, names: Sequence[tuple[str, str]]) -> list[Content]:
    pairs = zip(names, one.values, strict=True)
    lines = [Content.assemble((f"  {mark} ", "bold"), printable(value)) for (mark, _), value in pairs]
    return [Content(printable(one.key)), *lines]


def _room(width: int, columns: list[Column]) -> int:
    return max(8, width - MARK - STATE - sum(column.width for column in columns))


def _cell(column: Column, words: str) -> str:
    """Names stand on the left, and are cut where they are long; figures on the right."""
    room = column.width - 1
    if column.head in _LEFT:
        return " " + Content(words).truncate(room, ellipsis=True, pad=True).plain
    return words.rjust(column.width)
