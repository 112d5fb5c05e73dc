"""Choosing the colours."""

from textual.content import Content

from app.ui.deck import Deck
from app.ui.screens.pick import Entry, Pick


async def theme(app: Deck) -> None:
    """The list of themes, each shown as the cursor comes to it; leaving brings the old one back."""
    before = app.theme
    entries = [
        Entry(name, Content.assemble((f"{name:<24}", "bold"), ("dark" if each.dark else "light", "$text-muted")))
        for name, each in sorted(app.available_themes.items())
    ]

    def show(name: str) -> None:
        app.theme = name

    chosen = await app.push_screen_wait(Pick("Theme", entries, cursor=before, moved=show))
    app.theme = chosen or before
    if chosen:
        app.chosen_theme = chosen
        app.keep_settings()
