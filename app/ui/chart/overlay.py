"""The curves of several runs in one picture, told apart by colour and by a letter: small in training, capital in
validation."""

import re
from dataclasses import dataclass

import numpy as np

from app.runs.curve import ITERATION, TIME, TOKENS
from app.runs.history import Series
from app.runs.wording import duration
from app.session.run_list import RunLine
from app.ui.chart import axis, braille
from app.ui.chart.canvas import OWN, Canvas, Picture, Role
from app.ui.chart.picture import CELLS_PER_MARK
from app.ui.chart.readout import Entry, Text, fitted, loss_text
from app.ui.chart.scale import Scale
from app.ui.chart.track import Track
from app.ui.chart.view import Extent
from app.wire.text import printable

TONES = 6
"""Colours there are; a seventh curve has that of the first again, and another letter."""
BETWEEN_MARKS = 16
"""Cells from one letter of a curve to its next, where there are few curves."""

ACROSS = {ITERATION: axis.ITERATIONS, TOKENS: axis.TOKENS, TIME: axis.TIME}
BY = {ITERATION: "by iteration", TOKENS: "by trained tokens", TIME: "by time of training"}


@dataclass(frozen=True, eq=False)
class OverlayLine:
    """A run's curve as it was handed over, which never changes. `mark` is its letter, empty for one that is alone."""

    id: str
    mark: str
    name: str
    train: Series
    """Smoothed."""
    validations: Series
    version: int
    """Grows with the curve."""
    tone: int = 0


def line_of(run: RunLine, mark: str, tone: int) -> OverlayLine:
    """A run's curve as it is drawn. Beside a letter its name goes without the time, which says little there."""
    stamp = re.match(r"\d{8}-\d{4}-", run.id) if mark else None
    name = run.id[stamp.end() :] if stamp else run.id
    return OverlayLine(run.id, mark, printable(name or run.id), run.train, run.validations, run.version, tone)


class OverlayTracks:
    """A line, followed as a chart reads it."""

    def __init__(self, line: OverlayLine):
        self.line = line
        self.train, self.validations = Track(line.train), Track(line.validations)
        self.role = OWN + line.tone % TONES

    def points_at(self, at: float | None) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
        """Place and loss in training and in validation next to a place, the latest for None; none beyond what the run
        has."""
        return _point(self.train, at), _point(self.validations, at)


def _point(track: Track, at: float | None) -> tuple[float, float] | None:
    if not len(track):
        return None
    low, high = track.reach()
    return track.nearest(high if at is None else at) if at is None or low <= at <= high else None


def extent(tracks: list[OverlayTracks], by: str, iters: int) -> Extent | None:
    """What there is to see. Tokens and time begin at 0."""
    reaches = [one.reach() for each in tracks for one in (each.train, each.validations) if len(one)]
    if not reaches:
        return None
    first = min(low for low, _ in reaches) if by == ITERATION else 0.0
    return Extent(first, max(high for _, high in reaches), iters if by == ITERATION else 0)


def draw(
    tracks: list[OverlayTracks], by: str, window: tuple[float, float], width: int, height: int, log: bool
) -> Picture:
    """Draw the curves between the places of `window` into `width` x `height` cells, at least 12 x 4."""
    canvas = Canvas(width, height)
    edges = np.linspace(*window, canvas.across + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    lines = [(each.train.line(middles), each.validations.line(middles)) for each in tracks]
    points = [each.validations.between(*window) for each in tracks]
    values = np.concatenate([np.empty(0), *(line for pair in lines for line in pair), *(y for _, y in points)])
    scale = Scale.around(values, log, canvas.down)
    canvas.axes(scale, window, across=ACROSS[by])
    if scale is not None:
        for each, (train, validation) in zip(tracks, lines, strict=True):
            canvas.line(_dotted(scale.rows(validation)), each.role)
            canvas.line(scale.rows(train), each.role)
        for place, (each, pair, (x, y)) in enumerate(zip(tracks, lines, points, strict=True)):
            _mark(canvas, scale, each, pair, (x, y), window, (place, len(tracks)))
        for line in (line for pair in lines for line in pair):
            canvas.marks("▲", canvas.columns(line > scale.top), 0, Role.CUT)
    for x, y in points:
        canvas.marks("✗", canvas.column_of(x[~np.isfinite(y)], window), canvas.bottom_row, Role.BAD)
    highest = float(np.nanmax(values, initial=-np.inf, where=np.isfinite(values)))
    return canvas.picture(window, highest if scale is not None and highest > scale.top else None)


def _dotted(rows: np.ndarray) -> np.ndarray:
    """Every second cell of a line left out."""
    return np.where(np.arange(len(rows)) // braille.DOTS_ACROSS % 2 == 0, rows, np.nan)


def _mark(
    canvas: Canvas,
    scale: Scale,
    each: OverlayTracks,
    pair: tuple[np.ndarray, np.ndarray],
    points: tuple[np.ndarray, np.ndarray],
    window: tuple[float, float],
    place: tuple[int, int],
) -> None:
    """Letters along the line, each curve's at cells of its own, and on the validations where these are few."""
    mark = each.line.mark
    if mark:
        _mark_along(canvas, scale, pair[0], mark, each.role, place)
    x, y = points
    if len(x) * CELLS_PER_MARK >= canvas.cells:
        if mark:
            _mark_along(canvas, scale, pair[1], mark.upper(), each.role, place)
        return
    inside = (y >= scale.bottom) & (y <= scale.top)
    rows = scale.rows(y[inside]) // braille.DOTS_DOWN
    canvas.marks(mark.upper() or "●", canvas.column_of(x[inside], window), rows.astype(int), each.role)


def _mark_along(canvas: Canvas, scale: Scale, line: np.ndarray, mark: str, role: int, place: tuple[int, int]) -> None:
    of_cells = line[:: braille.DOTS_ACROSS]
    seen = np.flatnonzero((of_cells >= scale.bottom) & (of_cells <= scale.top))
    if not len(seen):
        return
    number, count = place
    between = max(BETWEEN_MARKS, 2 * count)
    at = seen[(seen - between * (number + 1) // (count + 1)) % between == 0]
    at = at if len(at) else seen[-1:]
    canvas.marks(mark, at, (scale.rows(of_cells[at]) // braille.DOTS_DOWN).astype(int), role)


def legend(tracks: list[OverlayTracks], by: str, log: bool, width: int) -> Text:
    """Which curve is whose, and what its letters mean."""
    few = not any(each.line.mark for each in tracks)
    lines, letters = "⠒⠒ training  ⠒ ⠒● validation", "small letter = training, capital = validation"
    kinds, in_short = (lines, lines) if few else (letters, "abc training, ABC validation")
    head = f"loss{', log scale,' if log else ''} {BY[by]}"
    entries = [Entry(head, BY[by], Role.AXIS, 99), Entry(kinds, in_short, Role.AXIS, 100)]
    for number, each in enumerate(tracks):
        line = each.line
        entries.append(Entry(f"{line.mark} {line.name}".strip(), line.mark or line.name, each.role, number))
    return fitted(entries, width)


def readout(tracks: list[OverlayTracks], by: str, at: float | None, width: int) -> Text:
    """The losses of every run at a place; None is at the latest of each."""
    head = "latest, smoothed" if at is None else "smoothed, at the cursor"
    entries = [Entry(head, "▸" if at is None else "┃", Role.AXIS, 90)]
    if at is not None:
        entries.append(Entry(_place(by, at), _place(by, at), Role.READOUT, 0))
    for number, each in enumerate(tracks):
        train, validation = each.points_at(at)
        mark = each.line.mark
        short = f"{mark} {loss_text(train[1]) if train else '–'}".strip()
        capital = mark.upper() or "validation"
        full = f"{short} {capital} {loss_text(validation[1])} @{_number(by, validation[0])}" if validation else short
        entries.append(Entry(full, short, each.role, 1 + number))
    return fitted(entries, width)


def _place(by: str, at: float) -> str:
    number = _number(by, at)
    return number if by == TIME else f"iteration {number}" if by == ITERATION else f"{number} tokens"


def _number(by: str, at: float) -> str:
    return duration(at) if by == TIME else f"{at:,.0f}"
