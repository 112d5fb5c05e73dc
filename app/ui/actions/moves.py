"""Going from screen to screen, and back and forth in time."""

from typing import TYPE_CHECKING

from app.config.registry import GROUPS
from app.ui.screens.keys import KeysScreen

if TYPE_CHECKING:
    from app.ui.app import TunedeckApp


async def undo(app: "TunedeckApp") -> None:
    await _follow(app, app.session.undo())


async def redo(app: "TunedeckApp") -> None:
    await _follow(app, app.session.redo())


async def _follow(app: "TunedeckApp", key: str | None) -> None:
    """The focus goes to what changed, so that nobody wonders what was undone."""
    if key is not None:
        await app.go_to_field(key)


async def train_screen(app: "TunedeckApp") -> None:
    await app.go("train")


async def forms(app: "TunedeckApp") -> None:
    await app.go(app.last_form)


async def next_group(app: "TunedeckApp") -> None:
    await _step(app, 1)


async def previous_group(app: "TunedeckApp") -> None:
    await _step(app, -1)


async def _step(app: "TunedeckApp", step: int) -> None:
    ids = [group.id for group in GROUPS]
    await app.go(ids[(ids.index(app.last_form) + step) % len(ids)])


async def groups(app: "TunedeckApp") -> None:
    await app.go(app.last_form)
    app.screen.query_one("#groups").focus()


async def keys(app: "TunedeckApp") -> None:
    await app.push_screen(KeysScreen())


async def palette(app: "TunedeckApp") -> None:
    app.action_command_palette()
