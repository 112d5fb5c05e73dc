"""The bottom line: the keys that work now, each a mouse target. One widget, where Textual's footer takes one a key."""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget

from app.ui.commands import Command, key_name

LEAVES = "  esc leaves the field"
ROOM_FOR_HINT = 100
"""Cells from which on that costs no command that matters more."""


class KeyBar(Widget):
    DEFAULT_CSS = """
    KeyBar { height: 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._commands: tuple[Command, ...] = ()
        self._keys: dict[str, str] = {}
        self._is_typing = False

    def show(self, commands: Sequence[Command], keys: dict[str, str]) -> None:
        """`keys` holds the key of each command by its id, as the person has bound it."""
        if (tuple(commands), keys) != (self._commands, self._keys):
            self._commands, self._keys = tuple(commands), keys
            self.refresh()

    def show_typing(self, is_typing: bool) -> None:
        """Whether letters go into a field: then it says how to leave that, where there is room."""
        if is_typing != self._is_typing:
            self._is_typing = is_typing
            self.refresh()

    def render(self) -> Content:
        parts = []
        for command, key in self._fitting():
            parts += [Content.styled(f" {key}", "$text-accent bold"), Content(f" {command.label} ")]
        return Content("").join([*parts, Content.styled(self._hint, "$text-muted")])

    @property
    def _hint(self) -> str:
        return LEAVES if self._is_typing and self.size.width >= ROOM_FOR_HINT else ""

    def on_click(self, event: events.Click) -> None:
        left = 0
        for command, key in self._fitting():
            left += _width(command, key)
            if event.x < left:
                self.app.action_command(command.id)  # type: ignore[attr-defined]
                return

    def _fitting(self) -> list[tuple[Command, str]]:
        """As many as there is room for: the pinned ones first, then in the order of the table."""
        named = [(command, key_name(self._keys.get(command.id, ""))) for command in self._commands]
        room = self.size.width - len(self._hint) - sum(_width(*each) for each in named if each[0].pinned)
        fitting = set()
        for command, key in named:
            if not command.pinned and _width(command, key) <= room:
                room -= _width(command, key)
                fitting.add(command.id)
        return [each for each in named if each[0].pinned or each[0].id in fitting]


def _width(command: Command, key: str) -> int:
    return len(key) + len(command.label) + 3
