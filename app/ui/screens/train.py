"""The run: its loss curve, figures, checkpoints and log. A picture of the run's history, live or past."""

import asyncio
import os
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from app.machine.notify import notify
from app.memory.estimate import Estimate, Method
from app.memory.verdict import Level, overall, verdicts
from app.runs import units, wording
from app.runs.history import History
from app.session.watch import Reading, Watch
from app.ui.chart.loss_chart import LossChart
from app.ui.crash_words import crash_parts
from app.ui.run_state import headline, titles
from app.ui.screens.deck_screen import DeckScreen
from app.ui.screens.dialogs import AskOfRun
from app.ui.widgets.panel import Panel
from app.ui.widgets.progress_line import ProgressLine
from app.ui.widgets.run_notes import Checkpoints, LogPane
from app.ui.widgets.tiles import Tile, Tiles
from app.wire.text import printable

if TYPE_CHECKING:
    from app.session.snapshot import Snapshot
    from app.ui.deck import Deck

LOOK_EVERY = 1.0 if "SSH_CONNECTION" in os.environ else 0.2
"""Seconds between looks. A frame of a moving curve is some 30 kB of escape sequences: over ssh one a second will do."""

NO_RUN = "No run is watched. Ctrl+R trains with the values of the forms; h shows the runs so far."


class TrainScreen(DeckScreen):
    AUTO_FOCUS = "LossChart"

    def __init__(self, app: "Deck") -> None:
        super().__init__(app)
        self._watch: Watch | None = None
        self._warned_of: Level | None = None
        # Held rather than queried: a reading may arrive while the screen is still, or no longer, whole.
        self._tiles, self._chart = Tiles(), LossChart(id="chart")
        self._progress, self._checkpoints, self._log = ProgressLine(), Checkpoints(), LogPane()
        self._crash = Panel("i shows all, and the trace", id="crash")

    def compose_content(self) -> ComposeResult:
        with Vertical(id="run"):
            yield self._tiles
            yield self._chart
            yield self._progress
            with Horizontal(id="notes"):
                yield self._checkpoints
                yield self._log
            yield self._crash

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(LOOK_EVERY, self._look)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.follow(self.app.watched)

    def ready(self) -> None:
        self.follow(self.app.watched)

    def show(self, snapshot: "Snapshot") -> None:
        super().show(snapshot)
        self._draw()

    def follow(self, watch: Watch | None) -> None:
        if watch is not self._watch:
            self._warned_of = None
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
        is_first, was_live, went_on = watch.reading is None, watch.live, watch.goes_on
        try:
            reading = await asyncio.to_thread(watch.read)
        finally:
            watch.busy = False
        if watch is not self._watch:
            return
        if watch.fold(reading):
            self.app.run_memory = run_memory(watch.history, reading)
            self._draw()
        if went_on and not watch.goes_on and not is_first:
            self._forget_what_was_asked()
        if was_live and not watch.live:
            self.app.update_bar()
            if not is_first:
                self._announce(f"{reading.summary.id} {headline(reading.summary, watch.history)}")

    def _announce(self, words: str) -> None:
        self.app.bell()
        self.run_worker(lambda: notify(printable(words)), thread=True, group="notify")

    def _forget_what_was_asked(self) -> None:
        """The run has ended: nothing can be asked of it any more, and what was said of it is past."""
        if isinstance(self.app.screen, AskOfRun):
            self.app.screen.dismiss(None)
        self.app.hush()

    def show_title(self) -> None:
        if self._watch is None:
            super().show_title()
        else:
            self.heading.show_file(printable(self._watch.folder.id), False)

    def _draw(self) -> None:
        self.show_title()
        watch = self._watch
        chart = self._chart
        if watch is None or watch.reading is None:
            chart.placeholder = self._why_none() if watch is None else "Reading the run …"
            chart.show(History(), 0)
            self._progress.show(0, 0, "")
            self.set_class(False, "-crashed")
            return
        history, reading = watch.history, watch.reading
        crash = reading.summary.crash
        words = headline(reading.summary, history, reading.silence, watch.asked_to_end)
        told = f"✗ {reading.summary.state}" if crash else words
        chart.placeholder = told
        chart.show(history, history.iters)
        self._tiles.show((*tiles(history, reading, watch.expected_peak), *self._memory_tile(history)))
        self._progress.show(history.iteration, history.iters, told)
        self._checkpoints.show(history)
        self._log.show(reading.log)
        self.set_class(crash is not None, "-crashed")
        self._crash.show(*(crash_parts(crash) if crash else ()))
        self.app.show_run(*titles(watch))

    def _why_none(self) -> str:
        paused = self.app.paused
        if paused is None:
            return NO_RUN
        return f"{NO_RUN} {paused.id} is paused at iteration {paused.iteration:,}: r resumes it."

    def _memory_tile(self, history: History) -> tuple[Tile, ...]:
        """How the peak that the run has reached, and may reach, stands to what there is; told before it is red."""
        session, watch = self.app.session, self._watch
        machine = session.snapshot.machine if session is not None else None
        if machine is None or not watch or not watch.live or not history.last_report:
            return ()
        most = watch.expected_peak
        expected = Estimate((), 0, most, most, Method.TRACED) if most else None
        worst = overall(verdicts(expected, machine, int(history.last_report.peak_memory)))
        if worst.level in (Level.YELLOW, Level.RED) and worst.level is not self._warned_of:
            self._warned_of = worst.level
            self.app.tell(f"{worst.subject}: {worst.words}", "warning")
        return (Tile("memory", f"{worst.level.symbol} {worst.level.word}"),) if worst.level is not Level.UNKNOWN else ()


def run_memory(history: History, reading: Reading) -> str:
    """What a living trainer takes: MLX's peak, and what its process holds now. Empty once it has ended."""
    if not reading.trainer_memory:
        return ""
    peak = f"peak {units.size(history.last_report.peak_memory)}, " if history.last_report else ""
    return f"{peak}process {units.size(reading.trainer_memory)}"


def tiles(history: History, reading: Reading, expected_peak: int | None = None) -> tuple[Tile, ...]:
    """`expected_peak` is what MLX's peak should not pass, in bytes."""
    report, step, memory = history.last_report, history.last_step, reading.memory
    peak = "peak/planned" if expected_peak else "peak memory"
    best = wording.best_validation(history)
    return (
        Tile("iteration", f"{history.iteration:,}/{history.iters:,}"),
        Tile("time left", units.duration(wording.remaining_seconds(history) if reading.summary.alive else None)),
        Tile("train loss", units.loss(report.loss if report else step.loss if step else None)),
        Tile("val loss", units.loss(history.last_validation.loss if history.last_validation else None)),
        Tile("best val", f"{best[1]:.3f} @{best[0]:,}" if best else "–"),
        Tile("tokens/s", f"{report.tokens_per_second:,.0f}" if report else "–"),
        Tile("lr", f"{report.learning_rate:.2e}" if report else "–"),
        Tile(peak, _peak(report.peak_memory if report else None, expected_peak)),
        Tile("trainer mem", units.size(reading.trainer_memory)),
        Tile("system mem", f"{memory.used / 1e9:.1f}/{memory.total / 1e9:.0f} GB"),
    )


def _peak(reached: float | None, expected: int | None) -> str:
    """What was reached, and how much of what was expected at most that is."""
    return f"{units.size(reached)} {reached / expected:.0%}" if reached and expected else units.size(reached)
