"""Going from screen to screen, and back and forth in time."""

from textual.content import Content

from app.config.registry import GROUPS
from app.ui.deck import Deck
from app.ui.key_help import key_help
from app.ui.screens.group import GroupScreen
from app.ui.screens.read import Read
from app.ui.widgets.derived_panel import derived_words
from app.ui.widgets.help_panel import help_words


async def undo(app: Deck) -> None:
    await _follow(app, app.session.undo())


async def redo(app: Deck) -> None:
    await _follow(app, app.session.redo())


async def _follow(app: Deck, key: str | None) -> None:
    """The focus goes to what changed, so that nobody wonders what was undone."""
    if key is not None:
        await app.go_to_field(key)


async def train_screen(app: Deck) -> None:
    await app.go("train")


async def forms(app: Deck) -> None:
    await app.go(app.last_form)


async def next_group(app: Deck) -> None:
    await _step(app, 1)


async def previous_group(app: Deck) -> None:
    await _step(app, -1)


async def _step(app: Deck, step: int) -> None:
    ids = [group.id for group in GROUPS]
    await app.go(ids[(ids.index(app.last_form) + step) % len(ids)])


async def groups(app: Deck) -> None:
    await app.go(app.last_form)
    app.screen.query_one("#groups").focus()


async def keys(app: Deck) -> None:
    text = key_help()
    row = app.screen.focused_row if isinstance(app.screen, GroupScreen) else None
    if row is not None:
        about = help_words(row.parameter, app.session.snapshot.errors.get(row.key))
        text = Content("\n\n").join([about, text])
    await app.push_screen(Read("Help", text))


async def findings(app: Deck) -> None:
    await app.push_screen(Read("What follows from the values", derived_words(app.session.snapshot)))
