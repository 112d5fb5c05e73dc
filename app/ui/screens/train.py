"""The run: its loss curve, figures, checkpoints and log. A picture of the run's history, live or past."""

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widgets import Footer

from app.runs import wording
from app.runs.history import History
from app.runs.listing import RunSummary
from app.session.watch import Reading, Watch
from app.ui.chart.loss_chart import LossChart
from app.ui.widgets.progress_line import ProgressLine
from app.ui.widgets.run_notes import Checkpoints, LogPane
from app.ui.widgets.tiles import Tile, Tiles
from app.ui.widgets.title_bar import TitleBar
from app.wire.text import printable

LOOK_EVERY = 0.2
"""Seconds between looks: painting at five a second keeps a slow terminal free."""

NO_RUN = "No run is watched. Ctrl+R trains with the values of the forms; the palette (Ctrl+P) finds other runs."


class TrainScreen(Screen):
    CSS_PATH = "train.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]
    AUTO_FOCUS = "LossChart"

    def __init__(self) -> None:
        super().__init__()
        self._watch: Watch | None = None
        # Held rather than queried: a reading may arrive while the screen is still, or no longer, whole.
        self._heading, self._tiles, self._chart = TitleBar(), Tiles(), LossChart(id="chart")
        self._progress, self._checkpoints, self._log = ProgressLine(), Checkpoints(), LogPane()

    def compose(self) -> ComposeResult:
        yield self._heading
        yield self._tiles
        yield self._chart
        yield self._progress
        with Horizontal(id="notes"):
            yield self._checkpoints
            yield self._log
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._look)

    @on(ScreenResume)
    def _resume(self) -> None:
        self.follow(self.app.watched)  # type: ignore[attr-defined]

    def follow(self, watch: Watch | None) -> None:
        self._watch = watch
        self._draw()
        self._look()

    def toggle_log_scale(self) -> None:
        self._chart.action_toggle_log()

    def _look(self) -> None:
        """One look at the run's files in a thread, unless the last one still goes on."""
        watch = self._watch
        if watch is not None and not watch.busy and (watch.live or watch.reading is None):
            watch.busy = True
            self.run_worker(self._read_and_show(watch), group="look", exit_on_error=False)

    async def _read_and_show(self, watch: Watch) -> None:
        was_live = watch.live
        try:
            reading = await asyncio.to_thread(watch.read)
        finally:
            watch.busy = False
        if watch is not self._watch:
            return
        if watch.fold(reading):
            self._draw()
            self.app.show_run(title(reading.summary, watch.history))  # type: ignore[attr-defined]
        if was_live and not watch.live:
            self.app.bell()
            self.app.refresh_bindings()

    def _draw(self) -> None:
        watch = self._watch
        chart = self._chart
        if watch is None or watch.reading is None:
            chart.placeholder = NO_RUN if watch is None else "Reading the run …"
            chart.show(History(), 0)
            self._progress.show(0, 0, "")
            return
        history, reading = watch.history, watch.reading
        chart.placeholder = headline(reading.summary, history)
        chart.show(history, history.iters)
        self._tiles.show(tiles(history, reading))
        self._progress.show(history.iteration, history.iters, headline(reading.summary, history))
        self._checkpoints.show(history)
        self._log.show(reading.log)
        self._heading.show_file(printable(reading.summary.id), False)


def headline(summary: RunSummary, history: History) -> str:
    """What the run does or how it ended, in one line of plain text."""
    if history.ended and history.ended.outcome == "failed":
        return f"✗ failed: {printable(history.ended.reason)}"
    if summary.state == "died":
        return f"✗ {printable(summary.how)}; its last words are in the log"
    if history.ended:
        return f"✔ {history.ended.outcome} at iteration {history.ended.iteration:,}"
    return f"▶ {printable(wording.phase(history.phase))}" if history.phase else "▶ starting"


def title(summary: RunSummary, history: History) -> str:
    """The headline for the screens of the forms, with how far the run is while it goes on."""
    words = headline(summary, history)
    share = history.iteration / history.iters if history.iters and summary.alive else None
    return words if share is None else f"{words} {share:.0%}"


def tiles(history: History, reading: Reading) -> tuple[Tile, ...]:
    report, step, memory = history.last_report, history.last_step, reading.memory
    best = wording.best_validation(history)
    return (
        Tile("iteration", f"{history.iteration:,}/{history.iters:,}"),
        Tile("time left", wording.duration(wording.remaining_seconds(history))),
        Tile("train loss", wording.loss(report.loss if report else step.loss if step else None)),
        Tile("val loss", wording.loss(history.last_validation.loss if history.last_validation else None)),
        Tile("best val", f"{best[1]:.3f} @{best[0]:,}" if best else "–"),
        Tile("tokens/s", f"{report.tokens_per_second:,.0f}" if report else "–"),
        Tile("lr", f"{report.learning_rate:.2e}" if report else "–"),
        Tile("peak memory", wording.size(report.peak_memory if report else None)),
        Tile("trainer mem", wording.size(reading.trainer_memory)),
        Tile("system mem", f"{memory.used / 1e9:.1f}/{memory.total / 1e9:.0f} GB"),
    )
