"""Watching, stopping and choosing runs. Whatever touches the disk is awaited in a thread."""

import asyncio

from textual.content import Content

from app.runs import wording
from app.runs.listing import list_runs
from app.runs.stop import request_stop
from app.session.watch import Watch
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose
from app.ui.screens.pick import Entry, Pick
from app.wire.text import printable


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


async def choose(app: Deck) -> None:
    summaries = [run for run in await asyncio.to_thread(list_runs, app.runs_dir) if run.state != "queued"]
    if not summaries:
        app.tell(f"There are no runs in {app.runs_dir} yet.")
        return
    entries = [
        Entry(one.id, Content.assemble((f"{printable(one.id)}  ", "bold"), printable(wording.state(one))))
        for one in summaries
    ]
    chosen = await app.push_screen_wait(Pick("Watch a run", entries))
    for summary in summaries:
        if summary.id == chosen:
            await watch(app, Watch(summary.folder))


async def queue(app: Deck) -> None:
    from app.ui.screens.queue import QueueScreen

    await app.push_screen_wait(QueueScreen())


async def log_scale(app: Deck) -> None:
    app.screen.toggle_log_scale()  # type: ignore[attr-defined]
