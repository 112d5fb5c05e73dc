"""One parameter in a form: its label, an editor, and where its value comes from."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from app.config.parameter import Kind, Parameter
from app.ui.widgets.line_input import LineInput
from app.ui.widgets.segmented import Segmented


class FieldRow(Horizontal):
    """Says what was typed as it is typed; shows what it is told, but never rewrites a text under the cursor."""

    def __init__(
        self, key: str, label: str, parameter: Parameter | None, text: str, commit: Callable[[str, str], None]
    ):
        """`commit(key, text)` takes what was typed, at once: a message on its way could be overtaken by a rewrite."""
        super().__init__(id=row_id(key))
        self.key = key
        self.label = label
        self.parameter = parameter
        self._text = text
        self._commit = commit
        self._typing = False
        self._status: tuple[str, str] = ("", "")
        self._status_words = Static("", classes="status", markup=False)
        self.editor = self._make_editor()
        self._shown = self._read()
        """What the editor held when last written or read: anything else in it was typed since."""

    def compose(self) -> ComposeResult:
        yield Static(self.label, classes="label", markup=False)
        yield self.editor
        yield self._status_words

    def show(self, text: str, error: bool, origin: str, edited: bool) -> None:
        self._text = text
        untaken = self._read() != self._shown
        if not (untaken or self._typing) and text != self._shown:
            self._write(text)
        status = ("✗ error", "error") if error else (f"● {origin}", "edited") if edited else (origin, "")
        if status != self._status:
            self._status = status
            self._show_status()

    def _show_status(self) -> None:
        words, kind = self._status
        self._status_words.update(Content(words), layout=False)
        self._status_words.set_class(kind == "error", "-error")
        self._status_words.set_class(kind == "edited", "-edited")

    def _make_editor(self) -> Widget:
        kind = self.parameter.kind if self.parameter else Kind.NUMBER
        if kind is Kind.SWITCH:
            editor: Widget = Segmented(("false", "true"), self._text)
        elif kind is Kind.CHOICE:
            editor = Segmented(self.parameter.choices if self.parameter else (), self._text)
        elif kind is Kind.STRUCTURE:
            editor = TextArea(self._text, compact=True, tab_behavior="focus", placeholder="none")
        else:
            number = kind in (Kind.INTEGER, Kind.NUMBER)  # whoever comes to a number means to replace it
            placeholder = _placeholder(self.parameter)
            editor = LineInput(self._text, compact=True, select_on_focus=number, placeholder=placeholder)
        editor.add_class("editor")
        self.set_class(kind is Kind.STRUCTURE, "-tall")
        return editor

    @on(Input.Changed)
    @on(Segmented.Changed)
    @on(TextArea.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        self._take_typed()

    def _take_typed(self) -> None:
        text = self._read()
        if text != self._shown:
            self._shown, self._typing = text, True
            self._commit(self.key, text)

    @on(DescendantFocus)
    def _focused(self) -> None:
        self.add_class("-focused")

    @on(DescendantBlur)
    def _settle(self) -> None:
        """Once the cursor has left, `0.00001` may become `1e-5`. What was typed last may not have been told yet."""
        self.remove_class("-focused")
        self._take_typed()
        self._typing = False
        if self._shown != self._text:
            self._write(self._text)

    def forget_typed(self) -> None:
        """Undo and reload show their text even under the cursor."""
        self._shown, self._typing = self._read(), False

    def _read(self) -> str:
        editor = self.editor
        return editor.text if isinstance(editor, TextArea) else editor.value  # type: ignore[attr-defined]

    def _write(self, text: str) -> None:
        editor = self.editor
        with self.prevent(Input.Changed, TextArea.Changed, Segmented.Changed):
            if isinstance(editor, TextArea):
                editor.text = text
            else:
                editor.value = text  # type: ignore[attr-defined]
        self._shown = self._read()


def row_id(key: str) -> str:
    return "row-" + key.replace(".", "-")


def _placeholder(parameter: Parameter | None) -> str:
    return "none" if parameter is not None and parameter.optional else ""
