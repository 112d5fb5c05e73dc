"""Whatever takes long, in a thread, under a dialog that says how far it is and can be left."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from app.ui.deck import Deck
from app.ui.screens.working import Working

Result = TypeVar("Result")


async def work_on(app: Deck, title: str, work: Callable[[Callable[[str], None], Callable[[], bool]], Result]) -> Result:
    """`work(say, cancelled)` in a thread, its words in a dialog."""
    given_up = Event()
    dialog = Working(title, given_up.set)
    await app.push_screen(dialog)
    try:
        return await asyncio.to_thread(work, lambda words: app.call_from_thread(dialog.say, words), given_up.is_set)
    finally:
        dialog.dismiss()
