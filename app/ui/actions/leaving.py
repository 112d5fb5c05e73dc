"""Leaving the app: what is not saved, and what becomes of a run that goes on."""

import asyncio

from app.runs.folder import runs_directory
from app.runs.listing import summarize
from app.session.watch import Watch
from app.ui.actions.beside import waiting_words
from app.ui.actions.files import may_discard
from app.ui.actions.running import ask_to_end
from app.ui.deck import Deck
from app.ui.screens.dialogs import AskOfRun


async def leave(app: Deck) -> None:
    if await may_discard(app) and await _leave_the_run(app):
        app.exit()


async def _goes_on(watched: Watch) -> bool:
    """Before the first look at it has come back, a run of long ago looks like one that goes on."""
    if watched.reading is None:
        return (await asyncio.to_thread(summarize, watched.folder)).alive
    return watched.goes_on


async def _leave_the_run(app: Deck) -> bool:
    """False to stay."""
    watched = app.watched
    if watched is None or watched.asked_to_end or not await _goes_on(watched):
        return True
    name = watched.folder.id
    answers = {"leave": "Leave it running", "pause": "Pause it", "stop": "Stop and save", "stay": "Stay"}
    body = f"{name} goes on without this screen, unless you would have it otherwise." + await waiting_words(app)
    answer = await app.push_screen_wait(AskOfRun("A run goes on", body, answers))
    if answer not in ("leave", "pause", "stop"):
        return False
    elsewhere = f" --runs-dir {app.runs_dir}" if app.runs_dir != runs_directory() else ""
    app.farewell = f"The run goes on. Watch it: tunedeck attach {name}{elsewhere}"
    if answer != "leave" and await ask_to_end(app, watched, answer):
        ends = "pauses" if answer == "pause" else "stops"
        app.farewell = f"The run {ends} at its next micro-batch. Go on with it: tunedeck resume {name}{elsewhere}"
    return True
