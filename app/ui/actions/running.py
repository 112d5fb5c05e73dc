"""Starting, stopping and choosing runs. Whatever touches the disk is awaited in a thread."""

import asyncio
from pathlib import Path

from textual.content import Content

from app.checks.ready import obstacles
from app.config.edits import CannotEdit
from app.config.registry import BY_KEY
from app.runs import wording
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError
from app.runs.listing import list_runs
from app.runs.stop import request_stop
from app.session.training import begin
from app.session.watch import Watch
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose
from app.ui.screens.pick import Entry, Pick
from app.wire.text import printable


async def start(app: Deck) -> None:
    """Trains what the forms show, saved or not; the run keeps the text that says so."""
    snapshot = app.session.snapshot
    findings = [f"{key}: {message}" for key, message in snapshot.errors.items()]
    found = await asyncio.to_thread(obstacles, snapshot.config, app.start_directory)
    findings += [finding.message for finding in found]
    if findings:
        keys = [*snapshot.errors, *(finding.key for finding in found)]
        field = next((key for key in keys if key in BY_KEY), None)
        answers = {"close": "Close"} | ({"go": f"Go to {BY_KEY[field].label}"} if field else {})
        answer = await app.push_screen_wait(Choose("This cannot train yet", "\n\n".join(findings), answers))
        if answer == "go" and field:
            await app.go_to_field(field)
        return
    overwrite = await _may_overwrite(app)
    if overwrite is None:
        return
    try:
        text = app.session.rendered()
    except CannotEdit:
        text = app.session.rewritten()
    source = snapshot.path.absolute() if snapshot.path else None
    estimate = snapshot.memory.estimate
    expected = estimate.high_bytes if estimate is not None else None
    try:
        run = await asyncio.to_thread(
            begin, snapshot.config, text, source, app.start_directory, app.runs_dir, overwrite, None, expected
        )
    except RunError as error:
        app.tell(str(error), "error")
        return
    await watch(app, Watch(run))


async def _may_overwrite(app: Deck) -> bool | None:
    """Whether an adapter that stands there may go; None when the person would rather not start."""
    values = app.session.snapshot.config.values
    if not values["train"]:
        return False
    folder = app.start_directory / Path(values["adapter_path"])
    standing = await asyncio.to_thread(existing_adapter, folder)
    if standing is None:
        return False
    answers = {"cancel": "Cancel", "overwrite": "Overwrite it"}
    answer = await app.push_screen_wait(Choose("An adapter stands here", standing, answers))
    return True if answer == "overwrite" else None


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
    summaries = await asyncio.to_thread(list_runs, app.runs_dir)
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


async def log_scale(app: Deck) -> None:
    app.screen.toggle_log_scale()  # type: ignore[attr-defined]
