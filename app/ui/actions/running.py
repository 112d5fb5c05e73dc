"""Watching and stopping a run. Whatever touches the disk is awaited in a thread."""

import asyncio

from app.runs.stop import request_stop
from app.session.watch import Watch
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose


async def watch(app: Deck, watched: Watch) -> None:
    app.watched = watched
    await app.go("train")
    app.screen.follow(watched)  # type: ignore[attr-defined]
    app.update_bar()


async def stop(app: Deck) -> None:
    if app.watched is None:
        return
    body = f"{app.watched.folder.id} ends at its next micro-batch, and its adapter is saved."
    answers = {"cancel": "Go on training", "stop": "Stop and save"}
    if await app.push_screen_wait(Choose("Stop this run?", body, answers)) == "stop":
        stopping = await asyncio.to_thread(request_stop, app.watched.folder)
        app.tell("Stopping at the next micro-batch …" if stopping else "The run had ended already.")


async def log_scale(app: Deck) -> None:
    app.screen.toggle_log_scale()  # type: ignore[attr-defined]
