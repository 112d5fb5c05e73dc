"""What a run does besides plain mlx-lm's training, each named as what it is."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_input import LineInput
from app.ui.widgets.segmented import Segmented
from app.wire.run_options import RunOptions, options_from

_NUMBERS = {
    "patience": ("Stop early after", "validations without a lower one"),
    "keep_last": ("Keep the last", "checkpoints, and the best one"),
}
_SWITCHES = {
    "fixed_validation": ("Same valid rows", "each time; training stays the same"),
    "validate_last": ("Validate last", "the final weights, too"),
    "pause_on_memory": ("On low memory", "pause; the run can be resumed"),
}
_ABOUT = (
    "0 never stops early, and keeps all checkpoints. They hold for runs begun or queued from now on; "
    "one that is resumed keeps its own. "
    "All but the last make a run differ from plain mlx_lm.lora."
)


class AskRunOptions(Question[RunOptions]):
    """Enter takes them for all runs started from now on."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("enter", "take", show=False),
    ]

    def __init__(self, options: RunOptions):
        super().__init__()
        self._options = options
        self._complaint = Static("", id="complaint", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static("Run options", id="question", markup=False)
            for name, (label, about) in _NUMBERS.items():
                with Horizontal(classes="labelled"):
                    yield Static(label, classes="label", markup=False)
                    yield LineInput(
                        str(getattr(self._options, name)), id=name, compact=True, type="integer", classes="-short"
                    )
                    yield Static(about, classes="remark", markup=False)
            for name, (label, about) in _SWITCHES.items():
                with Horizontal(classes="labelled"):
                    yield Static(label, classes="label", markup=False)
                    yield Switch(getattr(self._options, name), name)
                    yield Static(about, classes="remark", markup=False)
            yield Static(_ABOUT, id="about", markup=False)
            yield self._complaint
            yield Hints(("Space switches", "switch"), ("Enter takes them", "take"), ("Esc leaves", "dismiss(None)"))

    def on_mount(self) -> None:
        super().on_mount()
        self._complaint.display = False

    def action_switch(self) -> None:
        if isinstance(self.focused, Segmented):
            self.focused.action_choose(1)

    @on(Input.Submitted)
    def action_take(self) -> None:
        texts = {name: self.query_one(f"#{name}", LineInput).value.strip() for name in _NUMBERS}
        wrong = next((name for name, text in texts.items() if not text.isascii() or not text.isdigit()), None)
        if wrong is not None:
            self._complaint.update(f"{_NUMBERS[wrong][0]}: {texts[wrong]!r} is no whole number from 0 on.")
            self._complaint.display = True
            self.query_one(f"#{wrong}").focus()
            return
        numbers = {name: int(text) for name, text in texts.items()}
        switches = {name: self.query_one(f"#{name}", Segmented).value == "on" for name in _SWITCHES}
        self.dismiss(options_from(numbers | switches))


class Switch(Segmented, inherit_bindings=False):
    """Off or on; Enter is the dialog's."""

    BINDINGS = [
        Binding("left", "choose(-1)", "Previous", show=False),
        Binding("right,space", "choose(1)", "Next", show=False),
    ]

    def __init__(self, is_on: bool, id: str):
        super().__init__(("off", "on"), "on" if is_on else "off", id=id)
