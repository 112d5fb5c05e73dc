"""Going from screen to screen, and back and forth in time."""

from app.config.registry import GROUPS
from app.ui.deck import Deck
from app.ui.screens.keys import KeysScreen


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
    await app.push_screen(KeysScreen())


async def palette(app: Deck) -> None:
    app.action_command_palette()
