"""How long the loss chart takes to redraw, by the number of steps: the cost has to stay flat.

All lengths take turns in one run, so that a busy machine slows them alike. A redraw is what a training step
causes: one event is applied, `show` is called, and all lines of a 100 x 30 chart are rendered.
"""

import asyncio
import math
import random
import time
from statistics import median

from textual.app import App, ComposeResult

from app.runs.history import History
from app.ui.chart import LossChart
from app.wire.events import Report, Step, Validation
from bench.row import Row

LENGTHS = {"1k": 1_000, "100k": 100_000, "1M": 1_000_000}
SIZE = (100, 30)
ROUNDS = 40


class _Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield LossChart()


def _history(steps: int) -> History:
    """A noisy falling loss with a report every 10 steps and 20 validations."""
    rng = random.Random(0)
    history = History()
    for iteration in range(1, steps + 1):
        loss = 1.5 + 3 * math.exp(-5 * iteration / steps) + rng.random()
        history.steps.append(iteration, loss)
        history.smoothed.append(iteration, loss)
        if iteration % 10 == 0:
            history.apply(Report(0, iteration, loss, 1e-5, 1, 1, 1, 1))
        if iteration % (steps // 20) == 0:
            history.apply(Validation(0, iteration, loss, 1))
    return history


def _redraw(chart: LossChart, history: History) -> float:
    """Milliseconds from one more step to all lines rendered."""
    iteration = int(history.steps.x[-1]) + 1
    begin = time.perf_counter()
    history.apply(Step(0, iteration, 2.0, 1, 1))
    chart.show(history, iteration)
    lines = chart.render_lines(chart.size.region)
    elapsed = (time.perf_counter() - begin) * 1e3
    assert len(lines) == SIZE[1]
    return elapsed


async def _measure() -> dict[str, float]:
    """Median milliseconds a redraw, by length."""
    histories = {name: _history(steps) for name, steps in LENGTHS.items()}
    times: dict[str, list[float]] = {name: [] for name in LENGTHS}
    app = _Stage()
    async with app.run_test(size=SIZE):
        chart = app.query_one(LossChart)
        for turn in range(ROUNDS + 3):
            for name, history in histories.items():
                chart.show(history, len(history.steps))
                chart.render_lines(chart.size.region)  # follows the other history first: not what is measured
                elapsed = _redraw(chart, history)
                if turn >= 3:
                    times[name].append(elapsed)
    return {name: median(values) for name, values in times.items()}


def run() -> list[Row]:
    medians = asyncio.run(_measure())
    detail = ", ".join(f"{name} {ms:.1f} ms" for name, ms in medians.items())
    return [Row("chart redraw, 1M steps / 1k", f"{medians['1M'] / medians['1k']:.2f}", detail)]
