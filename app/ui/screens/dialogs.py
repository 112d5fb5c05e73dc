"""Questions that interrupt: a choice, and a line of text."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from app.ui.screens.question import Question
from app.ui.suggesters import PathSuggester
from app.ui.widgets.hints import Hints
from app.ui.widgets.line_input import LineInput
from app.wire.text import printable


class Choose(Question[str]):
    """A question with a few answers. Escape and `q` answer None, which is always the harmless one."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        Binding("left", "to_answer(-1)", show=False),
        Binding("right", "to_answer(1)", show=False),
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
    ]
    AUTO_FOCUS = "Button"

    def __init__(self, title: str, body: str | Content, answers: dict[str, str]):
        super().__init__()
        self._title = title
        self._body = body if isinstance(body, Content) else Content("\n".join(map(printable, body.splitlines())))
        self._answers = answers

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(printable(self._title), id="question", markup=False)
            with VerticalScroll(id="text", can_focus=False):
                yield Static(self._body, markup=False)
            with Horizontal(id="answers"):
                for id, label in self._answers.items():
                    yield Button(Content(label), id=id, compact=True)

    def on_mount(self) -> None:
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """As high as the text, or as the terminal leaves room for: `height: auto` looks past `max-height`.

        Answers that are too long for one line stand below each other.
        """
        answers = self.query_one("#answers")
        width = sum(button.outer_size.width + button.styles.margin.width for button in answers.children)
        stacked = width > answers.size.width
        answers.set_class(stacked, "-stacked")
        natural = self.query_one("#text Static").size.height
        others = self.query_one("#question").size.height + 6  # a long path takes the title several lines
        others += len(answers.children) - 1 if stacked else 0
        self.query_one("#text").styles.height = max(1, min(natural, self.size.height - others))

    def action_to_answer(self, step: int) -> None:
        self.focus_next("Button") if step > 0 else self.focus_previous("Button")

    def action_step(self, step: int) -> None:
        """Through answers that stand below each other, else through the text."""
        is_stacked = self.query_one("#answers").has_class("-stacked")
        self.action_to_answer(step) if is_stacked else self.action_scroll(step)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#text").scroll_relative(y=lines, animate=False)

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id)


class AskOfRun(Choose):
    """What to do about a run that goes on: it closes with the run's end."""


class AskText(Question[str]):
    """A line of text to type. Enter takes it; None for nothing."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, title: str, text: str = "", complaint: str = "", is_path: bool = False):
        """`complaint` says why what was given before would not do; a path is completed from the disk."""
        super().__init__()
        self._title = title
        self._text = text
        self._complaint = complaint
        self._is_path = is_path

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-path"):
            yield Static(printable(self._title), id="question", markup=False)
            suggester = PathSuggester((".yaml", ".yml")) if self._is_path else None
            yield LineInput(self._text, compact=True, suggester=suggester, select_on_focus=False)
            if self._complaint:
                yield Static(printable(self._complaint), id="complaint", markup=False)
            completes = (("→ completes", "complete"),) if self._is_path else ()
            yield Hints(*completes, ("Enter takes it", "take"), ("Esc leaves", "dismiss(None)"))

    @on(Input.Submitted)
    def action_take(self) -> None:
        if text := self.query_one(LineInput).value.strip():
            self.dismiss(text)

    def action_complete(self) -> None:
        """What the right arrow does at the end of the line."""
        line = self.query_one(LineInput)
        line.action_end()
        line.action_cursor_right()
        line.focus()
