"""How a split is to be made: shares, seed and the new folder."""

from dataclasses import asdict

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from app.session.data_split import SplitTexts, SplitWish, split_wish
from app.ui.screens.question import Question
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_input import LineInput
from app.wire.text import printable

_LABELS = {"valid": "To validate, %", "test": "To test, %", "seed": "Seed", "folder": "New folder"}
_ABOUT = (
    "Drawn by the seed, the same on any computer; rows that are the same stay together. train.jsonl stays as it is:"
    " all is written into the new folder, which data then names."
)


class AskSplit(Question[tuple[SplitTexts, SplitWish]]):
    """Enter takes what stands in all fields, which are asked again when it will not do."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, rows: str, texts: SplitTexts, complaint: str = ""):
        """`rows` says how many there are; `complaint` why what was asked before could not be made."""
        super().__init__()
        self._rows, self._texts = rows, asdict(texts)
        self._complaint = Static(printable(complaint), id="complaint", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(f"Split train.jsonl ({self._rows})", id="question", markup=False)
            for name, label in _LABELS.items():
                with Horizontal(classes="labelled"):
                    yield Static(label, classes="label", markup=False)
                    yield LineInput(self._texts[name], id=name, compact=True, select_on_focus=True)
            yield Static(_ABOUT, id="about", markup=False)
            yield self._complaint
            yield Hints(("Tab next field", "app.focus_next"), ("Enter splits", "take"), ("Esc leaves", "dismiss(None)"))

    def on_mount(self) -> None:
        super().on_mount()
        self._complaint.display = bool(self._complaint.content)
        if self._complaint.display:  # most often the folder is what will not do
            self.query_one("#folder").focus()

    @on(Input.Submitted)
    def action_take(self) -> None:
        texts = SplitTexts(**{name: self.query_one(f"#{name}", LineInput).value for name in _LABELS})
        wish = split_wish(texts, self.app.start_directory)
        if isinstance(wish, SplitWish):
            self.dismiss((texts, wish))
        else:
            self._complaint.update(printable(wish))
            self._complaint.display = True
