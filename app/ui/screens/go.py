"""Jump mode: every place and every field of the form gets a letter, and pressing it, or a click, goes there."""

from string import ascii_lowercase

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.widgets import Static

from app.ui.places import PLACES
from app.ui.screens.deck_screen import DeckScreen
from app.ui.screens.question import Question

Target = tuple[str, str]
"""PLACE or FIELD, and which: `train` is both."""
PLACE, FIELD = "place", "field"


class Go(Question[Target]):
    """Lies over a screen without hiding it. The arrows walk the list of places; Enter goes, Escape stays."""

    DEFAULT_CSS = """
    Go { background: transparent; }
    Go #hint { dock: bottom; height: 1; background: $panel; color: $foreground; text-style: bold; padding: 0 1; }
    """

    def __init__(self, over: DeckScreen):
        super().__init__()
        self._over = over
        places = [(PLACE, place.id) for place in PLACES]
        fields = [(FIELD, row.key) for row in over.form.rows] if hasattr(over, "form") else []
        self._targets = dict(zip(ascii_lowercase, [*places, *fields], strict=False))
        self._hidden = not over.places.display
        over.places.display = True
        over.places.show_letters(self._letters(PLACE))
        if hasattr(over, "form"):
            over.form.show_letters(self._letters(FIELD))

    def _letters(self, kind: str) -> dict[str, str]:
        return {name: letter for letter, (of, name) in self._targets.items() if of == kind}

    def compose(self) -> ComposeResult:
        yield Static("A letter goes there · ↑ ↓ Enter walk the list · Esc stays", id="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        places = self._over.places
        if event.key in self._targets:
            self._leave(self._targets[event.key])
        elif event.key in ("up", "down"):
            places.action_move(-1 if event.key == "up" else 1)
        elif event.key == "enter":
            self._leave((PLACE, places.chosen) if places.chosen else None)
        else:
            self._leave(None)

    def on_click(self, event: events.Click) -> None:
        self._leave(self._target_at(event.screen_offset))

    def _target_at(self, cell: Offset) -> Target | None:
        """The place or the field that stands under a click."""
        places, form = self._over.places, getattr(self._over, "form", None)
        if places.region.contains_point(cell):
            return (PLACE, id) if (id := places.entry_at(cell.y - places.region.y)) else None
        if form is not None and form.parent.region.contains_point(cell):
            return (FIELD, key) if (key := form.field_at(cell.y - form.region.y)) else None
        return None

    def _leave(self, target: Target | None) -> None:
        self._over.places.show_letters({})
        if self._hidden:
            self._over.places.styles.clear_rule("display")
            self._over.places.refresh(layout=True)
        if hasattr(self._over, "form"):
            self._over.form.show_letters({})
        self.dismiss(target)
