"""The fields of a form, drawn as one widget, with one editor that goes where the cursor is.

A widget a field costs 5 ms each to mount and slows every keystroke: here a form of any size is three widgets.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from app.ui.burst import keys_have_arrived
from app.ui.field_editors import FIELD_EDITORS
from app.ui.form_drawing import draw_line
from app.ui.form_layout import FormLayout, row_height

if TYPE_CHECKING:
    from app.ui.row import Row
    from app.ui.widgets.field_input import FieldInput
    from app.ui.widgets.lines_input import LinesInput

# Its editors are imported when the first field wants one: 20 ms that the first paint need not wait for.

SOON = 0.003
"""Seconds for Textual's writing thread to bring a letter to the terminal: it has to wait while this one computes, and a
letter was seen 1.4 ms later for it."""

CHOOSING = {"left": -1, "right": 1, "space": 1}
"""Keys that go through the words of a choice."""


class FormBody(Widget, can_focus=True):
    """Says what was typed as it is typed; shows what it is told, but never rewrites a text under the cursor."""

    COMPONENT_CLASSES = {
        "form--label",
        "form--label-current",
        "form--value",
        "form--faint",
        "form--chosen",
        "form--chosen-current",
        "form--plain",
        "form--edited",
        "form--warning",
        "form--error",
    }

    class Walked(Message):
        """The cursor came to another field."""

    class Submitted(Message):
        """Enter on a field."""

    class StatusClicked(Message):
        """A click on where the value of a changed field comes from."""

    takes_letters = True
    """A letter chooses a word."""

    def __init__(self, commit: Callable[[str, str], None], step: Callable[[str, int], str | None]):
        """`commit(key, text)` takes what was typed, at once: a message on its way could be overtaken by a rewrite.

        `step(key, direction)` gives the text of the next sensible number.
        """
        super().__init__(id="fields")
        self._commit, self._step = commit, step
        self._rows: tuple[Row, ...] = ()
        self._at = 0
        self._line: FieldInput | None = None
        self._area: LinesInput | None = None
        self._editor: Widget = self
        self._shown = ""
        """What the editor held when last written or read: anything else in it was typed since."""
        self._typing = False
        self._letters: dict[str, str] = {}
        self._styles_now: dict[str, Style] = {}
        """Component styles as they were computed, 0.1 ms each."""

    # What it shows

    @property
    def rows(self) -> "tuple[Row, ...]":
        return self._rows

    @property
    def row(self) -> "Row | None":
        """The field under the cursor."""
        return self._rows[self._at] if self._rows else None

    @property
    def editor(self) -> Widget:
        """What takes the keys of the current field: an input, a text area, or this widget for words to choose."""
        return self._editor

    def show(self, rows: "tuple[Row, ...]", rewrite: bool = False) -> None:
        """`rewrite` shows the new text even under the cursor: undo, or another file."""
        before, self._rows = self._rows, rows
        if [(row.key, row_height(row)) for row in before] != [(row.key, row_height(row)) for row in rows]:
            self._at = min(self._at, max(0, len(rows) - 1))
            self.refresh(layout=True)
            if self._typing:
                self._fit_editor()  # a text written anew would send its cursor home
            else:
                self._place_editor()
        else:
            for y, (old, new) in enumerate(zip(before, rows, strict=True)):
                if old != new:
                    self.refresh(self._layout.region(y))
        if self.row and (rewrite or not self._typing) and self.row.text != self._shown:
            self._write(self.row.text)

    def show_letters(self, letters: dict[str, str]) -> None:
        """Jump mode: the letter before each field; none ends it."""
        if letters != self._letters:
            self._letters = letters
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._layout.height

    def render_line(self, y: int) -> Strip:
        at, _ = self._layout.row_at(y)
        letter = self._letters.get(self._rows[at].key, "") if at is not None else ""
        return draw_line(self._layout, y, self._at if self.has_cursor else None, letter, self._style)

    @property
    def _layout(self) -> FormLayout:
        return FormLayout(self._rows, self.size.width)

    @property
    def has_cursor(self) -> bool:
        """Whether keys go to one of its fields."""
        focused = self.screen.focused
        return focused is not None and self in focused.ancestors_with_self

    @property
    def types_lines(self) -> bool:
        """Whether the field under the cursor is a text of several lines."""
        return self._area is not None and self._editor is self._area

    def wants_arrow(self, step: int) -> bool:
        """Whether up or down leads to another line of the text under the cursor, and not yet to another field."""
        if self._area is None or not self.types_lines:
            return False
        return not (self._area.cursor_at_first_line if step < 0 else self._area.cursor_at_last_line)

    def _style(self, name: str) -> Style:
        if name not in self._styles_now:
            self._styles_now[name] = (
                self.rich_style if name == "ground" else self.get_component_rich_style(f"form--{name}")
            )
        return self._styles_now[name]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles_now = {}  # another theme

    def field_at(self, y: int) -> str | None:
        """The key of the field on a line of the form."""
        at, _ = self._layout.row_at(y)
        return self._rows[at].key if at is not None else None

    # Where the cursor is

    def go(self, key: str | None = None) -> None:
        """Puts the cursor on a field, the first for None, and its editor there."""
        self.leave()
        keys = [row.key for row in self._rows]
        self._at = keys.index(key) if key in keys else 0
        if not self.is_attached:
            return  # its screen is on the way, and will put the cursor there
        self._place_editor()
        self.screen.set_focus(self._editor, scroll_visible=False)  # at once: keys behind this one are for this field
        if self._line is not None and self._editor is self._line:
            self._line.arrive()
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Walked())

    def walk(self, step: int) -> bool:
        """To the next or the previous field; False at the end."""
        to = self._at + step
        if not 0 <= to < len(self._rows):
            return False
        self.go(self._rows[to].key)
        return True

    async def typing_has_arrived(self) -> None:
        """Returns once the editor holds every key before this one: else it would take them along to another field."""
        await keys_have_arrived(self._editor)

    def leave(self) -> None:
        """Takes what was typed last, which may not have been told yet. `0.00001` may then become `1e-5`."""
        self.take_typed()
        self._typing = False
        if self.row and self._editor is not self and self.row.text != self._shown:
            self._write(self.row.text)

    def _place_editor(self) -> None:
        row = self.row
        if row is None or not self.is_attached:
            return
        self._editor = self if row.options else self._area_editor() if row.is_structure else self._line_editor()
        for editor in (self._line, self._area):
            if editor is not None:
                editor.display = editor is self._editor
        self._write(row.text)
        if self._editor is not self:
            self._fit_editor()

    def _fit_editor(self) -> None:
        if self.row is None or self._editor is self:
            return
        region, styles = self._layout.editor_region(self._at), self._editor.styles
        styles.offset = region.offset
        styles.width, styles.height = region.size

    def on_resize(self) -> None:
        self._fit_editor()
        self._scroll_to_cursor()

    def _scroll_to_cursor(self) -> None:
        if self._rows and isinstance(self.parent, Widget):
            self.parent.scroll_to_region(self._layout.region(self._at), animate=False)

    def _line_editor(self) -> "FieldInput":
        if self._line is None:
            from app.ui.widgets.field_input import FieldInput

            self._line = FieldInput()
            self.mount(self._line)
        if self.row is not None:
            self._line.suit(self.row)
        return self._line

    def _area_editor(self) -> "LinesInput":
        if self._area is None:
            from app.ui.widgets.lines_input import LinesInput

            self._area = LinesInput()
            self.mount(self._area)
        self._area.has_editor = self.row is not None and self.row.key in FIELD_EDITORS
        return self._area

    # What is typed

    def on_input_changed(self, event: Message) -> None:
        """The letter is painted first; what follows from it comes a moment later, or when a command wants it."""
        event.stop()
        self.call_after_refresh(self.set_timer, SOON, self.take_typed)

    on_text_area_changed = on_input_changed

    def take_typed(self) -> None:
        text = self._read()
        if text != self._shown and self.row is not None:
            self._shown, self._typing = text, True
            self._commit(self.row.key, text)

    def step(self, direction: int) -> None:
        """The next sensible number up or down."""
        self.take_typed()
        if self.row is not None and (text := self._step(self.row.key, direction)) is not None:
            self._typing = False
            self._commit(self.row.key, text)

    def on_field_input_stepped(self, event: "FieldInput.Stepped") -> None:
        self.step(event.direction)

    def on_key(self, event: events.Key) -> None:
        """While the cursor is on words. A binding would run once its key has climbed to the app, behind later keys.

        A letter chooses the next word that begins with it; it is no command's then.
        """
        row = self.row
        if row is None or not row.options or self._editor is not self:
            return
        if event.key in CHOOSING:
            self._choose(row, CHOOSING[event.key])
        elif event.key == "enter":
            self.action_submit()
        elif event.is_printable:
            self._choose_by_letter(row, (event.character or "").lower())
        else:
            return
        event.stop()
        event.prevent_default()

    def _choose(self, row: "Row", step: int) -> None:
        at = row.options.index(row.text) + step if row.text in row.options else 0
        self._commit(row.key, row.options[at % len(row.options)])

    def _choose_by_letter(self, row: "Row", letter: str) -> None:
        after = row.options.index(row.text) + 1 if row.text in row.options else 0
        round_again = row.options[after:] + row.options[:after]
        self._commit(row.key, next((word for word in round_again if word.startswith(letter)), row.text))

    def action_submit(self) -> None:
        self.take_typed()
        self.post_message(self.Submitted())

    def on_input_submitted(self, event: Message) -> None:
        event.stop()
        self.action_submit()

    on_lines_input_submitted = on_input_submitted

    def on_click(self, event: events.Click) -> None:
        hit = self._layout.hit(event.x, event.y, self._at) if event.widget is self else None
        if hit is None:
            return
        event.stop()
        row = self._rows[hit.at]
        self.go(row.key)
        if hit.part == "word" and hit.word != row.text:
            self._commit(row.key, hit.word)
        elif hit.part == "stepper":
            self.step(hit.direction)
        elif hit.part == "status" and row.tone != "plain":
            self.post_message(self.StatusClicked())

    def on_focus(self) -> None:
        self.refresh()

    def on_descendant_focus(self) -> None:
        self.refresh()

    def on_descendant_blur(self) -> None:
        self.leave()
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _read(self) -> str:
        if self._area is not None and self.types_lines:
            return self._area.text
        return self._line.value if self._line is not None and self._editor is self._line else self._shown

    def _write(self, text: str) -> None:
        if self._area is not None and self.types_lines:
            self._area.write(text)
        elif self._line is not None and self._editor is self._line:
            with self.prevent(type(self._line).Changed):
                self._line.value = text
        self._shown = text if self._editor is self else self._read()
