"""The picture of a learning rate over a run, as characters and roles."""

import math

import numpy as np

from app.config.rate import Course
from app.ui.chart import axis, braille
from app.ui.chart.canvas import Canvas, Picture, Role
from app.ui.chart.scale import HUGE, Scale


def draw_rate(course: Course, iters: int, warmup: int, width: int, height: int) -> Picture:
    """The rate of iterations 1 to `iters` in `width` x `height` cells, at least 12 x 4.

    A dotted line ends the `warmup` updates, a point marks the peak; where no update is made, nothing is drawn.
    """
    canvas, window = Canvas(width, height), (0.0, float(iters))
    low, high, last = _columns(course, iters, canvas.across)
    finite = np.concatenate([low, high])
    finite = finite[np.isfinite(finite)]
    highest = float(finite.max()) if len(finite) else 0.0
    bottom, top = axis.bounds(min(0.0, float(finite.min()) if len(finite) else 0.0), highest)
    scale = Scale(bottom, top, log=False, down=canvas.down)
    canvas.axes(scale, window, axis.rate_labels)
    if 0 < warmup * course.group < iters:
        end = canvas.column_of(np.array([warmup * course.group]), window)
        canvas.marks("┊", end, np.arange(canvas.plot_rows), Role.REPORTS)
    canvas.band(scale.rows(high), scale.rows(low), scale.rows(last), Role.SMOOTHED)
    _mark_peak(canvas, scale, course, window)
    return canvas.picture(window, None)


def _columns(course: Course, iters: int, across: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per dot column the lowest, the highest and the last rate; NaN where there is none, or none to draw."""
    low, high, last = (np.full(across, np.nan) for _ in range(3))
    for column in range(across):
        first_iteration = math.floor(column * iters / across) + 1
        last_iteration = max(first_iteration, math.ceil((column + 1) * iters / across))
        begin, end = course.update_of(first_iteration), course.update_of(last_iteration)
        if begin is None:
            continue
        end = course.updates - 1 if end is None else end
        low[column], high[column] = course.extremes(begin, end)
        last[column] = course.rate(end)
    for rates in (low, high, last):
        rates[~(np.abs(rates) < HUGE)] = np.nan
    return low, high, last


def _mark_peak(canvas: Canvas, scale: Scale, course: Course, window: tuple[float, float]) -> None:
    if not course.updates:
        return
    update, peak = course.peak
    if abs(peak) < HUGE:
        row = int(scale.rows(np.array([peak]))[0] // braille.DOTS_DOWN)
        canvas.marks("●", canvas.column_of(np.array([(update + 0.5) * course.group]), window), row, Role.BEST)
