"""Watching, ending and taking up runs. Whatever touches the disk is awaited in a thread."""

import asyncio

from app.runs.best import best_adapter, use_best
from app.runs.folder import RunError
from app.runs.stop import PAUSE, STOP, end_at_once, request_stop
from app.session.watch import Watch
from app.ui.actions.beside import waiting_words
from app.ui.deck import Deck
from app.ui.screens.dialogs import AskOfRun, Choose
from app.wire.run_folder import RunFolder


async def watch(app: Deck, watched: Watch) -> None:
    app.watched = watched
    await app.go("train")
    app.shown.follow(watched)  # type: ignore[attr-defined]
    app.update_bar()


async def stop(app: Deck) -> None:
    """The second time, while it has not ended yet, it is about ending at once."""
    watched = app.watched
    if watched is None:
        return
    if watched.asked_to_end:
        await _end_at_once(app, watched)
        return
    body = f"{watched.folder.id} ends at its next micro-batch, and its adapter is saved. It can be resumed."
    body += await waiting_words(app)
    answers = {"cancel": "Go on training", "stop": "Stop and save", "pause": "Pause"}
    answer = await app.push_screen_wait(AskOfRun("Stop this run?", body, answers))
    if answer == "stop":
        await ask_to_end(app, watched, STOP)
    elif answer == "pause":
        await pause(app)


async def pause(app: Deck) -> None:
    if app.watched is not None and await ask_to_end(app, app.watched, PAUSE) and (words := await waiting_words(app)):
        app.tell(words.strip())


async def ask_to_end(app: Deck, watched: Watch, kind: str) -> bool:
    """Whether the run will, and did not end before; says why not."""
    try:
        ends = await asyncio.to_thread(request_stop, watched.folder, kind)
    except OSError as error:
        app.tell(f"{error.filename}: the request cannot be written: {error.strerror}.", "error")
        return False
    watched.asked_to_end = kind if ends else ""
    if not ends:
        app.tell("The run had ended already.")
    app.show_now()
    app.update_bar()
    return ends


async def _end_at_once(app: Deck, watched: Watch) -> None:
    body = f"{watched.folder.id} was asked to end and has not yet. What it trained since its last checkpoint is lost."
    answers = {"cancel": "Wait for it", "kill": "End it at once"}
    if await app.push_screen_wait(AskOfRun("End this run at once?", body, answers)) == "kill":
        await asyncio.to_thread(end_at_once, watched.folder)


async def queue(app: Deck) -> None:
    from app.ui.screens.queue import QueueScreen

    await app.push_screen_wait(QueueScreen())


async def take_best(app: Deck) -> None:
    """The best adapter in place of the final one, which is kept under its number."""
    if app.watched is None:
        return
    run = app.watched.folder
    best = await asyncio.to_thread(best_adapter, run)
    if best is None:
        app.tell("No best adapter is kept: nothing was validated after the first iteration.")
        return
    body = (
        f"The adapter of iteration {int(best.name):,}, whose validation loss was the lowest, becomes the adapter in "
        "the adapter folder. The final one stays there under its own number."
    )
    answers = {"use": "Use it", "cancel": "Cancel"}
    if await app.push_screen_wait(Choose("Use the best adapter?", body, answers)) == "use":
        await _use_best(app, run)


async def _use_best(app: Deck, run: RunFolder) -> None:
    try:
        iteration, kept = await asyncio.to_thread(use_best, run)
    except RunError as error:
        app.tell(str(error), "error")
        return
    app.tell(f"The adapter is that of iteration {iteration:,} now; the final one is {kept.name}.")
    await watch(app, Watch(run))  # a run that has ended is not read on, and this is in its story now


async def log_scale(app: Deck) -> None:
    app.shown.toggle_log_scale()  # type: ignore[attr-defined]
