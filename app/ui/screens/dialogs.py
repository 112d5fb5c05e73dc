"""Questions that interrupt: a choice, and a path."""

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from app.ui.widgets.line_input import LineInput
from app.wire.text import printable


class Choose(ModalScreen[str | None]):
    """A question with a few answers. Escape and `q` answer None, which is always the harmless one."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        Binding("left", "to_answer(-1)", show=False),
        Binding("right", "to_answer(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
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
        """As high as the text, or as the terminal leaves room for: `height: auto` looks past `max-height`."""
        natural = self.query_one("#text Static").size.height
        self.query_one("#text").styles.height = max(1, min(natural, self.size.height - 7))

    def action_to_answer(self, step: int) -> None:
        self.focus_next("Button") if step > 0 else self.focus_previous("Button")

    def action_scroll(self, lines: int) -> None:
        self.query_one("#text").scroll_relative(y=lines, animate=False)

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id)


class AskPath(ModalScreen[Path | None]):
    """A path to type, completed from the disk with the right arrow; Enter takes it."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, title: str, text: str = "", complaint: str = ""):
        """`complaint` says why the path given before would not do."""
        super().__init__()
        self._title = title
        self._text = text
        self._complaint = complaint

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-path"):
            yield Static(printable(self._title), id="question", markup=False)
            yield LineInput(self._text, placeholder="train.yaml", suggester=_Paths(), select_on_focus=False)
            if self._complaint:
                yield Static(printable(self._complaint), id="complaint", markup=False)
            yield Static("→ completes · Enter takes it · Esc leaves", id="hint", markup=False)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        text = event.value.strip().strip("'\"")
        self.dismiss(Path(text).expanduser() if text else None)


class ChooseFrom(ModalScreen[str | None]):
    """One of many, by id."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape,q", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, title: str, options: dict[str, str]):
        super().__init__()
        self._title = title
        self._options = options

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(printable(self._title), id="question", markup=False)
            yield OptionList(*(Option(Content(printable(label)), id) for id, label in self._options.items()))

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class _Paths(Suggester):
    """Completes the last part of a path with the first YAML file or folder that fits."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        head, _, tail = value.rpartition("/")
        folder = Path(head or ("/" if value.startswith("/") else ".")).expanduser()
        try:
            names = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in folder.iterdir()
                if entry.name.startswith(tail) and (entry.is_dir() or entry.suffix in (".yaml", ".yml"))
                if printable(entry.name) == entry.name
            )
        except OSError:
            return None
        shown = [name for name in names if tail.startswith(".") or not name.startswith(".")]
        return value[: len(value) - len(tail)] + shown[0] if shown else None
