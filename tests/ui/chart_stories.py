"""Made-up runs for the chart's tests, told by events as a trainer tells them."""

import math
import random

from textual.app import App, ComposeResult

from app.runs.history import History, Series
from app.ui.chart import LossChart
from app.wire.events import Report, Started, Step, Validation


def told(losses: list[float], iters: int | None = None, every: int = 50, window: int = 10) -> History:
    """A run with these losses from iteration 1, a report every `window` and a validation every `every`."""
    history = History()
    history.apply(Started(0, 1, iters or len(losses)))
    history.apply(Validation(0, 0, 5.0, 1))
    for iteration, loss in enumerate(losses, 1):
        history.apply(Step(0, iteration, loss, 64, 0.1))
        if iteration % window == 0:
            mean = sum(losses[iteration - window : iteration]) / window
            history.apply(Report(0, iteration, mean, 1e-5, 10, 640, 64 * iteration, 10**9))
        if iteration % every == 0:
            history.apply(Validation(0, iteration, 1.5 + 3 * math.exp(-iteration / 120), 1))
    return history


def falling(steps: int) -> list[float]:
    """A noisy loss that falls from about 4.6 to about 1.2; the same every time."""
    rng = random.Random(7)
    return [1.2 + 3.4 * math.exp(-5 * i / steps) + rng.gauss(0, 0.2) for i in range(steps)]


def series(points: list[tuple[float, float]]) -> Series:
    made = Series()
    for x, y in points:
        made.append(x, y)
    return made


class Stage(App[None]):
    """An app with nothing but the chart."""

    def __init__(self, history: History, iters: int, placeholder: str = "No losses yet") -> None:
        super().__init__()
        self._story = (history, iters)
        self.chart = LossChart(placeholder)

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_mount(self) -> None:
        self.chart.focus()
        self.chart.show(*self._story)

    def lines(self) -> list[str]:
        """What the chart shows, line by line."""
        return [strip.text for strip in self.chart.render_lines(self.chart.size.region)]
