"""Going from place to place, and back and forth in time."""

from app.config.registry import BY_KEY
from app.ui.deck import Deck
from app.ui.places import DATA, FORMS, PRESETS, REVIEW, START, TRAIN


async def undo(app: Deck) -> None:
    await _follow(app, app.session.undo())


async def redo(app: Deck) -> None:
    await _follow(app, app.session.redo())


async def _follow(app: Deck, key: str | None) -> None:
    """The focus goes to what changed, so that nobody wonders what was undone."""
    if key is not None and app.place in FORMS:
        await app.go_to_field(key)
    elif key is not None:
        app.tell(f"Taken back: {BY_KEY[key].label if key in BY_KEY else key}, and what changed with it.")


async def open_place(app: Deck) -> None:
    await app.go(START)


async def presets(app: Deck) -> None:
    await app.go(PRESETS)


async def data(app: Deck) -> None:
    await app.go(DATA)


async def review(app: Deck) -> None:
    await app.go(REVIEW)


async def train_screen(app: Deck) -> None:
    await app.go(TRAIN)


async def forms(app: Deck) -> None:
    await app.go(app.group)


async def next_group(app: Deck) -> None:
    await _step(app, 1)


async def previous_group(app: Deck) -> None:
    await _step(app, -1)


async def _step(app: Deck, step: int) -> None:
    await app.go(FORMS[(FORMS.index(app.group) + step) % len(FORMS)])


async def keys(app: Deck) -> None:
    from textual.content import Content

    from app.ui.form_rows import complaint_about
    from app.ui.help_words import help_words
    from app.ui.key_help import key_help
    from app.ui.screens.read import Read

    text = key_help(app.keys)
    row = app.form.row if app.place in FORMS else None
    if row is not None:
        about = help_words(row.parameter, *complaint_about(row.key, app.session.snapshot))
        text = Content("\n\n").join([about, text])
    await app.push_screen(Read("Help", text))
