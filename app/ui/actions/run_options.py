"""Choosing what runs do besides plain mlx-lm's training."""

from app.session.run_choices import as_choices, chosen_options
from app.ui.deck import Deck
from app.ui.screens.run_options import AskRunOptions
from app.wire.run_options import differences


async def choose_run_options(app: Deck) -> None:
    options = await app.push_screen_wait(AskRunOptions(chosen_options(app.window)))
    if options is None:
        return
    app.window |= as_choices(options)
    app.keep_settings()
    differing = ", ".join(differences(options))
    app.tell(f"Runs started from now on differ from mlx-lm: {differing}." if differing else "Runs are plain mlx-lm's.")
