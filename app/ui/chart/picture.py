"""The picture of a run's losses as characters and roles; what colour a role has is not known here."""

from dataclasses import dataclass

import numpy as np

from app.ui.chart import braille
from app.ui.chart.canvas import Canvas, Picture, Role
from app.ui.chart.curves import Curves
from app.ui.chart.scale import Scale

CELLS_PER_MARK = 3
"""Validation points closer than this on average would cover their own line: then it stands without them."""


@dataclass(frozen=True)
class _Visible:
    """The losses in view, one per dot column, NaN where none; `points` are the validations as (x, y)."""

    low: np.ndarray
    high: np.ndarray
    step_line: np.ndarray
    bad: np.ndarray
    smoothed: np.ndarray
    reports: np.ndarray
    validation: np.ndarray
    points: tuple[np.ndarray, np.ndarray]

    def values(self) -> np.ndarray:
        lines = (self.low, self.high, self.smoothed, self.reports, self.validation, self.points[1])
        return np.concatenate(lines)


def draw(curves: Curves, window: tuple[float, float], width: int, height: int, log: bool) -> Picture:
    """Draw the losses between the iterations of `window` into `width` x `height` cells, at least 12 x 4."""
    canvas = Canvas(width, height)
    visible = _look(curves, window, canvas.across)
    values = visible.values()
    scale = Scale.around(values, log, canvas.down)
    canvas.axes(scale, window)
    if scale is not None:
        _draw_lines(canvas, scale, visible, window)
        _mark_validations(canvas, scale, visible.points, window)
        _mark_best(canvas, scale, curves.validations.lowest(), window)
        _mark_what_is_off_the_scale(canvas, scale, visible, window)
    x, y = visible.points
    canvas.marks("✗", canvas.columns(visible.bad > 0), canvas.bottom_row, Role.BAD)
    canvas.marks("✗", canvas.column_of(x[~np.isfinite(y)], window), canvas.bottom_row, Role.BAD)
    highest = float(np.nanmax(values, initial=-np.inf, where=np.isfinite(values)))
    return canvas.picture(window, highest if scale is not None and highest > scale.top else None)


def _look(curves: Curves, window: tuple[float, float], across: int) -> _Visible:
    edges = np.linspace(*window, across + 1)
    edges[-1] = np.nextafter(edges[-1], np.inf)  # columns are open on their right, but the last iteration belongs
    middles = (edges[:-1] + edges[1:]) / 2
    envelope, step_line = curves.steps.envelope(edges), curves.steps.line(middles)
    return _Visible(
        low=np.fmin(envelope.low, step_line),
        high=np.fmax(envelope.high, step_line),
        step_line=step_line,
        bad=envelope.bad,
        smoothed=curves.smoothed.line(middles),
        reports=curves.reports.held(middles),
        validation=curves.validations.line(middles),
        points=curves.validations.between(*window),
    )


def _draw_lines(canvas: Canvas, scale: Scale, visible: _Visible, window: tuple[float, float]) -> None:
    step_line = scale.rows(visible.step_line)
    canvas.band(scale.rows(visible.high), scale.rows(visible.low), step_line, Role.STEPS)
    if window[1] - window[0] < canvas.across:  # no column holds two steps: a line, which others may cross
        canvas.line(step_line, Role.STEPS)
    canvas.dashes(scale.rows(visible.reports), Role.REPORTS)
    canvas.line(scale.rows(visible.validation), Role.VALIDATION)
    canvas.bold_line(scale.rows(visible.smoothed), Role.SMOOTHED)


def _mark_validations(
    canvas: Canvas, scale: Scale, points: tuple[np.ndarray, np.ndarray], window: tuple[float, float]
) -> None:
    x, y = points
    if len(x) * CELLS_PER_MARK < canvas.cells:
        inside = (y >= scale.bottom) & (y <= scale.top)
        rows = scale.rows(y[inside]) // braille.DOTS_DOWN
        canvas.marks("●", canvas.column_of(x[inside], window), rows.astype(int), Role.VALIDATION)


def _mark_best(canvas: Canvas, scale: Scale, best: tuple[float, float] | None, window: tuple[float, float]) -> None:
    if best is None or not (window[0] <= best[0] <= window[1] and scale.bottom <= best[1] <= scale.top):
        return
    row = scale.rows(np.array([best[1]])) // braille.DOTS_DOWN
    canvas.marks("★", canvas.column_of(np.array([best[0]]), window), row.astype(int), Role.BEST)


def _mark_what_is_off_the_scale(canvas: Canvas, scale: Scale, visible: _Visible, window: tuple[float, float]) -> None:
    x, y = visible.points
    canvas.marks("▲", canvas.columns(visible.high > scale.top), 0, Role.CUT)
    canvas.marks("▲", canvas.column_of(x[y > scale.top], window), 0, Role.CUT)
    canvas.marks("▼", canvas.columns(visible.low < scale.bottom), canvas.bottom_row, Role.CUT)
