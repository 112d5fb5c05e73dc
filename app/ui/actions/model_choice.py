"""Choosing a base model of those on this computer, or naming another."""

import asyncio

from textual.content import Content

from app.ui.deck import Deck
from app.ui.screens.pick import Entry, Pick
from app.wire.text import printable


async def models(app: Deck) -> None:
    name = await choose_model(app)
    if name is not None:
        app.session.edit("model", name)
        await app.go_to_field("model")


async def choose_model(app: Deck) -> str | None:
    """A folder or a hub name; None when the person would rather not."""
    from app.models.cache import cached_models
    from app.models.nearby import model_folders

    found = await asyncio.to_thread(lambda: [*model_folders(app.start_directory), *cached_models()])
    title = "Models on this computer" if found else "No model is on this computer yet: type a folder or a hub name"
    chosen = await app.push_screen_wait(Pick(title, [_entry(model) for model in found], takes_typed="use"))
    return chosen.rstrip("/") if chosen else None


def _entry(model) -> Entry:
    size = f"{model.weight_bytes / 1e9:.1f} GB" if model.weight_bytes else "–"
    bits = f"{model.quantization.bits}-bit" if model.quantization else ""
    state = "✗ cannot be trained" if model.cannot_train else "" if model.is_complete else "▲ not whole yet"
    words = Content.assemble(
        (f"{printable(model.name):<44.44} ", "bold"),
        f"{size:>9}  {bits:<6} ",
        (f"{printable(model.model_type):<12.12} {model.layers or '–':>3} layers  ", "$text-muted"),
        (state, "$text-error" if model.cannot_train else "$text-warning"),
    )
    about = model.cannot_train or (
        "" if model.is_complete else "Some of its files are not here yet: mlx-lm fetches them."
    )
    return Entry(model.name, words, Content(printable(about)))
