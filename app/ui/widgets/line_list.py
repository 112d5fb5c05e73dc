"""A list with one line an entry, drawn as one widget: a widget an entry would cost 5 ms each."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from app.ui.widgets.drawn_lines import DrawnLines


@dataclass(frozen=True)
class Line:
    """`id` None is a heading, which cannot be chosen. `letter` is what jump mode writes before it."""

    id: str | None
    words: Content


class LineList(DrawnLines, can_focus=True):
    """Arrows, the wheel and the mouse move; Enter or a click chooses. `-driven` has its keys from a field beside it."""

    COMPONENT_CLASSES = {"line-list--cursor", "line-list--letter"}
    DEFAULT_CSS = """
    LineList {
        height: 1fr;
        & > .line-list--cursor { background: $surface; text-style: bold; }
        & > .line-list--letter {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
        &:focus > .line-list--cursor, &.-driven > .line-list--cursor {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
    }
    """
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("home", "move(-9999)", show=False),
        Binding("end", "move(9999)", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another entry."""

        def __init__(self, lines: "LineList", id: str):
            super().__init__()
            self.lines, self.id = lines, id

        @property
        def control(self) -> "LineList":
            return self.lines

    class Chosen(Moved):
        """An entry was chosen."""

    def __init__(self, *, id: str | None = None, classes: str | None = None):
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._at = 0
        self._top = 0
        self._letters: dict[str, str] = {}
        self.selects_first = False
        """Whether a click on another entry only goes there, so that what it would do is seen first."""

    @property
    def chosen(self) -> str | None:
        """The entry under the cursor."""
        return self._lines[self._at].id if self._at < len(self._lines) else None

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "\n".join(line.words.plain for line in self._lines)

    def show(self, lines: Sequence[Line], cursor: str | None = None) -> None:
        """`cursor` is the entry to stand on; else it stays on the one it is on, or goes to the first."""
        wanted = cursor or self.chosen
        self._lines = tuple(lines)
        ids = [line.id for line in self._lines]
        self._at = ids.index(wanted) if wanted and wanted in ids else next((n for n, id in enumerate(ids) if id), 0)
        self._draw_lines()

    def entry_at(self, y: int) -> str | None:
        """The entry on a line of the widget."""
        return self._id_at(self._top + y)

    def show_letters(self, letters: dict[str, str]) -> None:
        """Jump mode: the letter before each entry; none ends it."""
        if letters != self._letters:
            self._letters = letters
            self._draw_lines()

    def on_resize(self) -> None:
        self._draw_lines()

    def on_focus(self) -> None:
        self._draw_lines()

    def on_blur(self) -> None:
        self._draw_lines()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached:
            self.call_next(self._draw_lines)  # another theme

    def _draw_lines(self) -> None:
        if not self.is_attached or not self.content_size.width:
            return
        height = max(1, self.content_size.height)
        self._top = max(0, min(self._top, self._at, len(self._lines) - height))
        self._top = max(self._top, self._at - height + 1)
        shown = self._lines[self._top : self._top + height]
        self.draw([self._drawn_line(line, self._top + n == self._at) for n, line in enumerate(shown)])

    def _drawn_line(self, line: Line, is_current: bool) -> Content:
        words = line.words.truncate(self.content_size.width, ellipsis=True, pad=True)
        if letter := self._letters.get(line.id or ""):
            style = self.get_visual_style("line-list--letter")
            return Content.styled(f"{letter}", style) + Content(" ") + words[2:]
        if not is_current or not line.id:
            return words
        cursor = self.get_visual_style("line-list--cursor")
        has_keys = self.has_focus or self.has_class("-driven")
        return words.stylize(cursor) if has_keys else words.stylize_before(cursor)  # marks keep their colour there

    def _id_at(self, at: int) -> str | None:
        return self._lines[at].id if at < len(self._lines) else None

    def action_move(self, step: int) -> None:
        able = [n for n, line in enumerate(self._lines) if line.id]
        if not able:
            return
        nearest = able.index(self._at) if self._at in able else 0
        self._go(able[max(0, min(len(able) - 1, nearest + step))])

    def action_choose(self) -> None:
        if self.chosen:
            self.post_message(self.Chosen(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.get_content_offset_capture(self).y
        if self._id_at(at):
            chooses = at == self._at or not self.selects_first
            self._go(at)
            if chooses:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1)

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self._draw_lines()
            self.post_message(self.Moved(self, self._lines[at].id or ""))
