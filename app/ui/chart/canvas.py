"""A grid of characters with a plot in it, and what every one of them means."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from app.ui.chart import axis, braille
from app.ui.chart.scale import Scale

GUTTER = axis.LABEL
"""Cells left of the y axis, for its labels. Fixed, so that the plot does not shift when labels change."""
BELOW = 2
"""Rows under the plot: the x axis and its labels."""

Labels = Callable[[list[float]], list[str]]
"""Of the ticks of an upright axis, each at most `GUTTER` long."""


class Role(IntEnum):
    """What a cell means, in the order of painting: later covers earlier."""

    BLANK = 0
    GRID = 1
    AXIS = 2
    STEPS = 3
    REPORTS = 4
    VALIDATION = 5
    SMOOTHED = 6
    BEST = 7
    BAD = 8
    CUT = 9
    READOUT = 10


OWN = 16
"""From here on the numbers of roles are free."""


@dataclass(frozen=True)
class Picture:
    """`glyphs` (code points) and `roles` (Role, or a number of the painter's own from OWN on) are rows x cells, gutter
    and axes included.

    `cut` is the highest loss in view where it lies above the axis, else None.
    """

    glyphs: np.ndarray
    roles: np.ndarray
    window: tuple[float, float]
    cut: float | None = None

    def runs(self, row: int) -> list[tuple[str, int]]:
        """A row as stretches of text of one role."""
        roles = self.roles[row]
        ends = [*(np.flatnonzero(np.diff(roles)) + 1).tolist(), len(roles)]
        text = self.glyphs[row].tobytes().decode("utf-32-le")
        return [(text[a:b], int(roles[a])) for a, b in zip([0, *ends[:-1]], ends, strict=True)]

    def cell_of(self, iteration: float) -> int | None:
        """The cell across that shows an iteration, None when it is outside the window."""
        left, right = self.window
        cells = self.glyphs.shape[1] - GUTTER - 1
        if not left <= iteration <= right:
            return None
        return GUTTER + 1 + min(int((iteration - left) / (right - left) * cells), cells - 1)

    def iteration_at(self, cell: int) -> float:
        """The iteration in the middle of a cell across."""
        left, right = self.window
        cells = self.glyphs.shape[1] - GUTTER - 1
        return left + (cell - GUTTER - 0.5) / cells * (right - left)


class Canvas:
    """A plot of `cells` x `plot_rows` with its gutter and axes; `across` and `down` count its dots."""

    def __init__(self, width: int, height: int) -> None:
        self.cells, self.plot_rows = width - GUTTER - 1, height - BELOW
        self.across, self.down = self.cells * braille.DOTS_ACROSS, self.plot_rows * braille.DOTS_DOWN
        self.bottom_row = self.plot_rows - 1
        self._glyphs = np.full((height, width), ord(" "), dtype="<u4")
        self._roles = np.full((height, width), Role.BLANK, dtype=np.uint8)
        self._lines = np.zeros((self.plot_rows, self.cells), dtype=np.uint8)
        self._plot = np.s_[: self.plot_rows, GUTTER + 1 :]

    def picture(self, window: tuple[float, float], cut: float | None) -> Picture:
        return Picture(self._glyphs, self._roles, window, cut)

    def columns(self, dots: np.ndarray) -> np.ndarray:
        """The cells across in which any dot column is set."""
        return np.flatnonzero(dots.reshape(-1, braille.DOTS_ACROSS).any(axis=1))

    def column_of(self, iterations: np.ndarray, window: tuple[float, float]) -> np.ndarray:
        place = (iterations - window[0]) / (window[1] - window[0]) * self.cells
        return np.minimum(place.astype(int), self.cells - 1)

    def band(self, high: np.ndarray, low: np.ndarray, along: np.ndarray, role: int) -> None:
        """Bars from row `high` to `low`, joined where `along` leaps; lines across them take whole cells."""
        top, bottom = braille.stroke(along)
        bars = braille.bars(np.fmin(top, high), np.fmax(bottom, low), self.down)
        self._put(braille.cells(bars), role)

    def line(self, rows: np.ndarray, role: int) -> None:
        """A line without gaps, one dot high where it is flat."""
        self._draw(braille.bars(*braille.stroke(rows), self.down), role)

    def bold_line(self, rows: np.ndarray, role: int) -> None:
        """A line two dots high, so bold without colour too; it takes whole cells from what is under it."""
        top, bottom = braille.stroke(rows)
        self._put(braille.cells(braille.bars(top, np.rint(bottom) + 1, self.down)), role)

    def dashes(self, rows: np.ndarray, role: int) -> None:
        """The rows alone, not joined up and down."""
        self._draw(braille.bars(rows, rows, self.down), role)

    def marks(self, glyph: str, columns: np.ndarray, rows: np.ndarray | int, role: int) -> None:
        self._glyphs[self._plot][rows, columns] = ord(glyph)
        self._roles[self._plot][rows, columns] = role

    def axes(
        self,
        scale: Scale | None,
        window: tuple[float, float],
        labels: Labels = axis.loss_labels,
        across: axis.Across = axis.ITERATIONS,
    ) -> None:
        self._glyphs[: self.plot_rows, GUTTER] = ord("│")
        self._glyphs[self.plot_rows, GUTTER:] = ord("─")
        self._glyphs[self.plot_rows, GUTTER] = ord("└")
        self._roles[: self.plot_rows, GUTTER] = self._roles[self.plot_rows, GUTTER:] = Role.AXIS
        if scale is not None:
            self._upright_axis(scale, labels)
        self._level_axis(window, across)

    def _upright_axis(self, scale: Scale, labels: Labels) -> None:
        ticks = scale.ticks(max(2, self.plot_rows // 3))
        rows = scale.rows(np.array(ticks)) // braille.DOTS_DOWN
        for label, row in zip(labels(ticks), rows.astype(int).tolist(), strict=True):
            self._write(row, 0, label.rjust(GUTTER) + "┤")
            self.marks("┈", np.arange(self.cells), row, Role.GRID)

    def _level_axis(self, window: tuple[float, float], across: axis.Across) -> None:
        ticks = across.ticks(*window, max(2, self.cells // 10))
        columns = self.column_of(np.array(ticks), window) + GUTTER + 1
        free = 0
        for label, column in zip(across.labels(ticks), columns.tolist(), strict=True):
            self._glyphs[self.plot_rows, column] = ord("┬")
            start = min(max(column - len(label) // 2, 0), self._glyphs.shape[1] - len(label))
            if start >= free:
                self._write(self.plot_rows + 1, start, label)
                free = start + len(label) + 1

    def _write(self, row: int, column: int, text: str) -> None:
        self._glyphs[row, column : column + len(text)] = [ord(c) for c in text]
        self._roles[row, column : column + len(text)] = Role.AXIS

    def _draw(self, grid: np.ndarray, role: int) -> None:
        """Lines that meet in a cell share it, in the later one's colour: neither is broken."""
        dots = braille.cells(grid)
        self._lines |= dots
        self._put(np.where(dots, self._lines, 0), role)

    def _put(self, dots: np.ndarray, role: int) -> None:
        inked = dots != 0
        self._glyphs[self._plot][inked] = braille.BLANK + dots[inked].astype(np.uint32)
        self._roles[self._plot][inked] = role
