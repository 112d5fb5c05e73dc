"""All runs of this computer: found, watched, compared, opened again, exported and deleted."""

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from app.runs.curve import AXES, ITERATION
from app.session.run_list import ListedRun, Look, RunList, fits
from app.ui import run_words
from app.ui.chart.overlay import line_of
from app.ui.chart.overlay_chart import OverlayChart
from app.ui.run_marks import RunMarks
from app.ui.screens.deck_screen import DeckScreen
from app.ui.widgets.line_input import LineInput
from app.ui.widgets.line_list import Line, LineList
from app.ui.widgets.run_table import RunTable
from app.ui.widgets.words import Words
from app.wire.text import printable

if TYPE_CHECKING:
    from textual.timer import Timer

    from app.ui.deck import Deck

LOOK_EVERY = 1.0
"""Seconds between looks."""
AROUND = 5
"""Lines that are neither the list nor the chart: title, filter, heads and what is said of a run."""
NONE_YET = "There are no runs in {} yet. Ctrl+T goes to Train, where Ctrl+R begins one with the values of the forms."


class RunsScreen(DeckScreen):
    AUTO_FOCUS = "#runs"
    BINDINGS = [
        Binding("escape", "back", show=False),
        Binding("left", "curve_cursor(-1)", show=False),
        Binding("right", "curve_cursor(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]

    def __init__(self, app: "Deck") -> None:
        super().__init__(app)
        self._filter = LineInput("", id="filter", compact=True, placeholder="words of a name, a model, a state …")
        self._head, self._about = Words(id="heads"), Words(id="about")
        self._table, self.chart = RunTable(), OverlayChart("", id="curves")
        self._runs = RunList(app.runs_dir)
        self._look = Look((), {}, False)
        self._marks = RunMarks()
        self._by = ITERATION
        self._busy = self._again = False
        self._has_left_filter = False
        """Whether Escape has just left the filter: pressed once more by habit, it must not cost the marks."""
        self._timer: Timer | None = None

    def compose_content(self) -> ComposeResult:
        with Vertical(id="shelf"):
            yield self._filter
            yield self._head
            yield self._table
            yield self._about
            yield self.chart

    def on_mount(self) -> None:
        super().on_mount()
        self._filter.display = False
        self._timer = self.set_interval(LOOK_EVERY, self.look)
        self.look()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._timer is not None:
            self._timer.resume()
            self.look()

    def on_screen_suspend(self) -> None:
        if self._timer is not None:
            self._timer.pause()

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self._draw)  # once the list has its new width

    # What the commands ask of it

    @property
    def chosen(self) -> ListedRun | None:
        """The run under the cursor."""
        return self._run(self._table.chosen)

    @property
    def marked(self) -> list[tuple[str, ListedRun]]:
        """Letter and run, in the order of their letters."""
        runs = [run for id in self._marks.ids() if (run := self._run(id)) is not None]
        return [(self._marks.letter(run.id), run) for run in runs]

    def look(self) -> None:
        """One look at the disk in a thread. While one goes on, another follows it."""
        if self._busy:
            self._again = True
        else:
            self._busy = True
            self.run_worker(self._read_and_show(), group="runs", exit_on_error=False)

    def mark(self, id: str) -> None:
        self._has_left_filter = False
        self._marks.toggle(id)
        self._draw()
        self.look()

    def next_axis(self) -> None:
        self._by = AXES[(AXES.index(self._by) + 1) % len(AXES)]
        self.look()

    def ask_filter(self) -> None:
        self._filter.display = True
        self._filter.focus()

    def toggle_log_scale(self) -> None:
        self.chart.action_toggle_log()

    # How it is drawn

    async def _read_and_show(self) -> None:
        try:
            while True:
                self._again = False
                before = self._look
                self._look = await asyncio.to_thread(self._runs.look, self._wanted(), self._by)
                if self._look != before:
                    self._marks.keep(run.id for run in self._look.runs)
                    self._draw()
                if not self.is_current or (self._look.is_whole and not self._again):
                    return
        finally:
            self._busy = False

    def _wanted(self) -> list[str]:
        """Whose curves are drawn: those of the marked runs, or of the one under the cursor."""
        return [run.id for _, run in self.marked] or ([self._table.chosen] if self._table.chosen else [])

    def _run(self, id: str | None) -> ListedRun | None:
        return next((run for run in self._look.runs if run.id == id), None)

    def _draw(self) -> None:
        if not self._table.size.width:
            return
        before, width = self._wanted(), self._table.size.width
        shown = [run for run in self._look.runs if fits(run, self._filter.value)]
        marks = self._marks
        lines = [Line(run.id, run_words.line(run, marks.letter(run.id), marks.tone(run.id), width)) for run in shown]
        self._table.show(lines or [Line(None, Content.styled(self._why_none(), "$text-muted"))])
        place = next((at for at, run in enumerate(shown, 1) if run.id == self._table.chosen), 0)
        self._head.show(run_words.head(width, place, len(shown)))
        room = self.size.height - AROUND
        self._table.styles.height = max(1, min(len(lines), max(3, room * 2 // 5)))
        self._about.show(run_words.about(self.chosen, self.app.start_directory) if self.chosen else Content(""))
        self._draw_chart()
        if self._wanted() != before:
            self.look()

    def _draw_chart(self) -> None:
        wanted = self._wanted()
        shown = [(id, line) for id in wanted if (line := self._look.lines.get(id)) is not None]
        if len(shown) < len(wanted):
            return  # the old ones stay until the new ones are read
        self.chart.placeholder = "No losses yet" if shown else ""
        lines = tuple(line_of(line, self._marks.letter(id), self._marks.tone(id)) for id, line in shown)
        iters = max((run.summary.iters for id, _ in shown if (run := self._run(id))), default=0)
        self.chart.show(lines, shown[0][1].axis if shown else self._by, iters)

    def _why_none(self) -> str:
        if self._look.runs:
            return "No run has all these words. Esc shows all."
        return NONE_YET.format(printable(str(self.app.runs_dir))) if self._look.is_whole else "Reading the runs …"

    # Keys and mouse

    @on(LineList.Moved, "#runs")
    def _moved(self) -> None:
        self._has_left_filter = False
        self._draw()
        self.look()

    @on(RunTable.Marked)
    def _mark_asked(self, event: RunTable.Marked) -> None:
        self.mark(event.id)

    @on(LineList.Chosen, "#runs")
    def _chosen(self) -> None:
        self.app.action_command("watch")

    @on(Input.Changed, "#filter")
    def _narrow(self) -> None:
        self._draw()

    @on(Input.Submitted, "#filter")
    def _to_the_list(self) -> None:
        self._filter.display = bool(self._filter.value.strip())
        self._table.focus()

    def action_back(self) -> None:
        """One step: out of the filter, then all runs again, then none marked."""
        if self._filter.display:
            self._filter.value = ""
            self._filter.display = False
            self._table.focus()
            self._has_left_filter = True
        elif self._has_left_filter:
            self._has_left_filter = False
        else:
            self._marks.clear()
            self.look()
        self._draw()

    def action_move(self, step: int) -> None:
        """From the filter, too, as in every list that is narrowed by typing."""
        self._table.action_move(step)

    def action_curve_cursor(self, cells: int) -> None:
        self.chart.action_move(cells)
