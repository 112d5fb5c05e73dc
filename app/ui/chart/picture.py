"""The picture of a run's losses as characters and roles; what colour a role has is not known here."""

import numpy as np

from app.ui.chart import braille
from app.ui.chart.canvas import Canvas, Picture, Role
from app.ui.chart.curves import Curves
from app.ui.chart.scale import Scale
from app.ui.chart.track import Envelope


def draw(curves: Curves, window: tuple[float, float], width: int, height: int, log: bool) -> Picture:
    """Draw the losses between the iterations of `window` into `width` x `height` cells, at least 12 x 4."""
    canvas = Canvas(width, height)
    edges = np.linspace(*window, canvas.across + 1)
    edges[-1] = np.nextafter(edges[-1], np.inf)
    middles = (edges[:-1] + edges[1:]) / 2
    steps, step_line = curves.steps.envelope(edges), curves.steps.line(middles)
    steps = Envelope(np.fmin(steps.low, step_line), np.fmax(steps.high, step_line), steps.bad)
    smoothed, validation = curves.smoothed.line(middles), curves.validations.line(middles)
    reports = curves.reports.held(middles)
    marks = curves.validations.between(*window)

    values = np.concatenate([steps.low, steps.high, smoothed, validation, reports, marks[1]])
    scale = Scale.around(values, log, canvas.down)
    canvas.axes(scale, window)
    if scale is None:
        canvas.marks("✗", canvas.columns(steps.bad > 0), canvas.bottom_row, Role.BAD)
        return canvas.picture(window, None)

    canvas.band(scale.rows(steps.high), scale.rows(steps.low), scale.rows(step_line), Role.STEPS)
    if window[1] - window[0] < canvas.across:
        canvas.line(scale.rows(step_line), Role.STEPS)
    canvas.dashes(scale.rows(reports), Role.REPORTS)
    canvas.line(scale.rows(validation), Role.VALIDATION)
    canvas.line(scale.rows(smoothed), Role.SMOOTHED, thick=True)
    _mark_validations(canvas, scale, marks, curves.validations.lowest(), window)
    canvas.marks("▲", canvas.columns(steps.high > scale.top), 0, Role.CUT)
    canvas.marks("▼", canvas.columns(steps.low < scale.bottom), canvas.bottom_row, Role.CUT)
    canvas.marks("✗", canvas.columns(steps.bad > 0), canvas.bottom_row, Role.BAD)
    highest = float(np.nanmax(values, initial=-np.inf, where=np.isfinite(values)))
    return canvas.picture(window, highest if highest > scale.top else None)


def _mark_validations(canvas, scale, marks, best, window) -> None:
    x, y = marks
    finite = np.isfinite(y)
    columns, rows = canvas.column_of(x, window), scale.rows(y) // braille.DOTS_DOWN
    if len(x) * 3 < canvas.cells:
        inside = finite & (y <= scale.top) & (y >= scale.bottom)
        canvas.marks("●", columns[inside], rows[inside].astype(int), Role.VALIDATION)
    canvas.marks("▲", columns[finite & (y > scale.top)], 0, Role.CUT)
    canvas.marks("✗", columns[~finite], canvas.bottom_row, Role.BAD)
    if best is not None and window[0] <= best[0] <= window[1] and scale.bottom <= best[1] <= scale.top:
        row = int(scale.rows(np.array([best[1]]))[0] // braille.DOTS_DOWN)
        canvas.marks("★", canvas.column_of(np.array([best[0]]), window), row, Role.BEST)
