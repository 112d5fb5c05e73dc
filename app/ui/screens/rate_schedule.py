"""The editor of the learning-rate schedule: its kind, its numbers, and the rate that the optimizer will really use."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.config import rate_editing as editing
from app.config.numbers import number_text
from app.config.parameter import Kind, Parameter
from app.config.rate import Course, course
from app.config.rate_editing import Draft
from app.config.steps import stepped
from app.ui.row import Row
from app.ui.screens.question import Question
from app.ui.widgets.form_body import FormBody
from app.ui.widgets.hints import Hints
from app.ui.widgets.rate_plot import RatePlot
from app.ui.widgets.words import Words
from app.wire.text import printable

KIND = "kind"
_LABELS: Mapping[str, tuple[str, str]] = {
    KIND: ("Schedule", "How the rate goes on after its warm-up, in lr_schedule. It counts updates, not iterations."),
    editing.PEAK: ("Rate", "The rate that the warm-up leads to and the schedule begins with."),
    editing.END: ("Last rate", "The rate at the end of the decay, which stays for the rest of the run."),
    editing.LENGTH: ("Decay", "Updates from the first rate to the last."),
    editing.FACTOR: ("Factor", "The rate is multiplied by it: at each step, or exponential at every update."),
    editing.EVERY: ("Step every", "Updates from one step to the next."),
    editing.WARMUP: ("Warm-up", "Updates over which the rate rises from its start in a straight line; 0 for none."),
    editing.START: ("Warm-up from", "The rate of the very first update, which moves nothing when it is 0."),
}
_STEPPED_AS = {
    editing.PEAK: "learning_rate", editing.END: "learning_rate", editing.START: "learning_rate",
    editing.LENGTH: "iters", editing.EVERY: "iters", editing.WARMUP: "iters", editing.FACTOR: "lora_parameters.dropout",
}  # fmt: skip
"""The parameter whose sensible numbers those of a field are, too."""


@dataclass(frozen=True)
class Run:
    """What of the run decides the rate beside the schedule."""

    iters: int
    group: int
    """grad_accumulation_steps."""
    warning: str = ""
    """Why the rate may not be what it seems, or empty."""


class RateSchedule(Question[Draft]):
    """Answers with the draft as it is to be applied. Enter applies, Escape leaves all as it was."""

    CSS_PATH = "rate_schedule.tcss"
    AUTO_FOCUS = None
    BINDINGS = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,tab", "walk(1)", show=False, priority=True),
        Binding("up,shift+tab", "walk(-1)", show=False, priority=True),
    ]

    def __init__(self, draft: Draft, run: Run):
        super().__init__()
        self._draft, self._run = draft, run
        self.form = FormBody(self._typed, self._stepped)
        self.plot = RatePlot()
        self._about, self._said = Words(id="about"), Words(id="said")

    def compose(self) -> ComposeResult:
        with Vertical(id="schedule"):
            yield Static("Learning rate by iteration", id="question", markup=False)
            yield self.form
            yield self._about
            yield self.plot
            yield self._said
            yield Hints(("↑ ↓ fields", ""), ("← → choose", ""), ("< > step", ""), ("Enter applies", "take"),
                        ("Esc leaves", "dismiss(None)"))  # fmt: skip

    def on_mount(self) -> None:
        super().on_mount()
        self._show(rewrite=True)
        self.form.go(KIND)

    def _typed(self, name: str, text: str) -> None:
        self._draft = (
            editing.with_kind(self._draft, text) if name == KIND else editing.with_text(self._draft, name, text)
        )
        self._show()

    def _stepped(self, name: str, direction: int) -> str | None:
        return stepped(_STEPPED_AS[name], self._draft.texts[name], direction)

    def _show(self, rewrite: bool = False) -> None:
        draft, problems = self._draft, editing.problems(self._draft)
        fields = tuple(_row(name, draft.texts[name], name in problems) for name in draft.fields)
        self.form.show((_kind_row(draft.kind), *fields), rewrite)
        if not problems:  # else the last plot stays, for half a number is on its way to a whole one
            planned = _course(draft, self._run)
            warmup = int(float(draft.texts[editing.WARMUP]))
            self.plot.show(planned if planned.updates else None, self._run.iters, warmup)
            self._said.show(_said(planned, self._run, warmup))
        self._tell(problems)

    def _tell(self, problems: Mapping[str, str]) -> None:
        """What is wrong under the cursor, else anywhere, else what the field is for."""
        name = self.form.row.key if self.form.row else KIND
        if problems:
            words = problems.get(name) or next(iter(problems.values()))
            self._about.show(Content.styled(f"✗ {printable(words)}", "$text-error bold"))
        elif self._run.warning:
            self._about.show(Content.styled(f"▲ {printable(self._run.warning)}", "$text-warning"))
        else:
            self._about.show(Content.styled(" ".join([_LABELS[name][1], *self._in_iterations(name)]), "$text-muted"))

    def _in_iterations(self, name: str) -> list[str]:
        if name not in editing.UPDATES or self._run.group == 1:
            return []
        updates = float(self._draft.texts[name])
        return [f"{updates:,.4g} updates are {updates * self._run.group:,.6g} iterations."]

    @on(RatePlot.Pointed)
    def _pointed(self, event: RatePlot.Pointed) -> None:
        """The rate of the iteration under the mouse."""
        problems = editing.problems(self._draft)
        if problems or event.iteration is None:
            self._tell(problems)
            return
        planned = _course(self._draft, self._run)
        update = planned.update_of(event.iteration)
        words = "no update is made of it" if update is None else f"rate {_short(planned.rate(update))}"
        self._about.show(Content.assemble((f"Iteration {event.iteration:,}", "bold"), f": {words}"))

    @on(FormBody.Walked)
    def _walked(self) -> None:
        self._tell(editing.problems(self._draft))

    @on(FormBody.Submitted)
    def action_take(self) -> None:
        self.form.take_typed()
        problems = editing.problems(self._draft)
        if problems:
            self.form.go(next(iter(problems)))
        else:
            self.dismiss(self._draft)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.form.has_cursor if action == "walk" else True

    async def action_walk(self, step: int) -> None:
        await self.form.typing_has_arrived()
        self.form.walk(step)


def _course(draft: Draft, run: Run) -> Course:
    return course(editing.schedule_of(draft), float(draft.texts[editing.PEAK]), run.iters, run.group)


def _kind_row(kind: str) -> Row:
    label, about = _LABELS[KIND]
    return Row(
        KIND, label, Parameter(KIND, "", Kind.CHOICE, "", label, about, choices=editing.KINDS), kind, "", "plain"
    )


def _row(name: str, text: str, is_wrong: bool) -> Row:
    label, about = _LABELS[name]
    status = "updates" if name in editing.UPDATES else ""
    parameter = Parameter(name, "", Kind.NUMBER, 0.0, label, about)
    return Row(name, label, parameter, text, "✗ error" if is_wrong else status, "error" if is_wrong else "plain")


def _said(planned: Course, run: Run, warmup: int) -> Content:
    """How iterations become updates, and the rates that matter."""
    updates, rest = divmod(run.iters, run.group)
    counts = f"{run.iters:,} iterations = {updates:,} updates"
    counts += f" of {run.group}" if run.group > 1 else ""
    counts += f"; the last {rest} make none" if rest else ""
    if not updates:
        rates = Content.styled("▲ No update is made: nothing would be trained.", "$text-warning")
    else:
        at, peak = planned.peak
        rises = f" warm-up to iteration {warmup * run.group:,}  " if warmup else ""
        words = f" peak {_short(peak)} from iteration {at * run.group + 1:,}"
        last = f", {_short(planned.rate(updates - 1))} at the end"
        rates = Content.assemble(("┊" if warmup else "", "$text-warning"), rises, ("●", "$text-success"), words, last)
    return Content("\n").join([Content.styled(counts, "bold"), rates])


def _short(rate: float) -> str:
    return number_text(float(f"{rate:.3g}"))
