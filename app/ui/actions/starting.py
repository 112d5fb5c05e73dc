"""Starting a run, or queueing it: errors stand in its way unless overridden by name, warnings are told once."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.checks.finding import Finding
from app.config.edits import CannotEdit
from app.config.registry import BY_KEY
from app.runs import wording
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError
from app.runs.listing import RunSummary
from app.runs.queued import look_at_queue
from app.session.before_start import findings_at_start, of_level
from app.session.queueing import enqueue, standing_by_then
from app.session.run_choices import chosen_options
from app.session.training import begin
from app.session.watch import Watch
from app.ui.actions.beside import BESIDE, QUEUE, ask_beside
from app.ui.actions.fields import mend
from app.ui.actions.resuming import take_up
from app.ui.actions.running import watch
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose
from app.wire.run_folder import RunFolder


@dataclass(frozen=True)
class Purpose:
    """What a configuration is made ready for, and how the questions before it call that."""

    in_spite: str
    """The answer that overrides errors."""
    after_warnings: str
    standing: Callable[[Path], str | None]
    """A sentence naming the adapter that would be replaced in a folder."""
    when_standing: str
    offers_resuming: bool = False
    """Whether the run that is watched may go on instead, where the adapter is its own."""


async def start(app: Deck) -> None:
    """Trains what the forms show, saved or not; the run keeps the text that says so."""
    answer = await ask_beside(app, "Train", may_queue=True)
    if answer == QUEUE:
        await add_to_queue(app)
    if answer != BESIDE:
        return
    purpose = Purpose("Train anyway", "Train", existing_adapter, "An adapter stands here", offers_resuming=True)
    await _make(app, purpose, begin, lambda run: watch(app, Watch(run)))


async def add_to_queue(app: Deck) -> None:
    """The same, at the end of the queue: it trains when its turn comes, whatever becomes of the file and of the app."""
    standing = partial(standing_by_then, app.runs_dir)
    purpose = Purpose("Queue it anyway", "Add to queue", standing, "An adapter stands here by then")

    async def tell(run: RunFolder) -> None:
        queue = await asyncio.to_thread(look_at_queue, app.runs_dir)
        place = next((place for place, one in enumerate(queue.waiting, 1) if one.id == run.id), 0)
        app.tell(f"{run.id} is number {place} in the queue. {wording.queue(queue)}" if place else f"{run.id} begins.")

    await _make(app, purpose, enqueue, tell)


async def _make(
    app: Deck,
    purpose: Purpose,
    make: Callable[..., RunFolder],
    go_on: Callable[[RunFolder], Coroutine[None, None, None]],
) -> None:
    """Makes a run of what the forms show, once nothing is in the way or the person says so."""
    if not await _is_sound(app, purpose):
        return
    overwrite = await _may_overwrite(app, purpose)
    if overwrite is None:
        return
    snapshot = app.session.snapshot
    try:
        text = app.session.rendered()
    except CannotEdit:
        text = app.session.rewritten()
    source = snapshot.path.absolute() if snapshot.path else None
    estimate = snapshot.memory.estimate
    expected = estimate.high_bytes if estimate is not None else None
    made = partial(make, overwrite=overwrite, expected_peak=expected, options=chosen_options(app.window))
    try:
        run = await asyncio.to_thread(made, snapshot.config, text, source, app.start_directory, app.runs_dir)
    except RunError as error:
        app.tell(str(error), "error")
        return
    await go_on(run)


async def _is_sound(app: Deck, purpose: Purpose) -> bool:
    """Whether to go on: nothing is in the way, or the person says so."""
    snapshot = app.session.snapshot
    found = await asyncio.to_thread(findings_at_start, snapshot, app.start_directory)
    drafts = [f"{key}: {message}" for key, message in snapshot.errors.items()]
    errors, warnings = of_level(found, "error"), of_level(found, "warning")
    if drafts:  # no value, so nothing that could train in spite of it
        return await _ask(app, "This cannot train yet", drafts, [*snapshot.errors], errors, None)
    if errors:
        return await _ask(app, "This cannot train yet", [], [], errors, purpose.in_spite)
    unheard = [finding for finding in warnings if finding.message not in app.warned]
    app.warned |= {finding.message for finding in unheard}
    return not unheard or await _ask(app, "Before it trains", [], [], unheard, purpose.after_warnings)


async def _ask(
    app: Deck, title: str, drafts: list[str], keys: list[str], findings: Sequence[Finding], override: str | None
) -> bool:
    """True for the override alone; other answers lead to what is wrong."""
    field = next((key for key in [*keys, *(finding.key for finding in findings)] if key in BY_KEY), None)
    answers = {"close": "Close"} | ({"go": f"Go to {BY_KEY[field].label}"} if field else {})
    answers |= {"mend": "Mend"} if any(finding.fix for finding in findings) else {}
    answers |= {"train": override} if override else {}
    body = "\n\n".join([*drafts, *(f"{finding.message} [{finding.code}]" for finding in findings)])
    answer = await app.push_screen_wait(Choose(title, body, answers))
    if answer == "go" and field:
        await app.go_to_field(field)
    elif answer == "mend":
        await mend(app)
    return answer == "train"


async def _may_overwrite(app: Deck, purpose: Purpose) -> bool | None:
    """Whether an adapter that stands there may go; None when the person would rather not start."""
    values = app.session.snapshot.config.values
    if not values["train"]:
        return False
    folder = app.start_directory / Path(values["adapter_path"])
    standing = await asyncio.to_thread(purpose.standing, folder)
    if standing is None:
        return False
    answers = {"cancel": "Cancel", "overwrite": "Overwrite it"}
    title = purpose.when_standing
    if purpose.offers_resuming and (run := _resumable_of(app, folder)):
        title = "The adapter of this very run stands here"
        standing = (
            f"{folder} holds the adapter of {run.id}, which is {run.state} at iteration {run.iteration:,} of "
            f"{run.iters:,}. A new run would overwrite it; resuming goes on with it."
        )
        answers = {"cancel": "Cancel", "resume": "Resume", "overwrite": "Overwrite it"}
    answer = await app.push_screen_wait(Choose(title, standing, answers))
    if answer == "resume":
        await take_up(app)
    return True if answer == "overwrite" else None


def _resumable_of(app: Deck, adapter: Path) -> RunSummary | None:
    """The watched run, where it could go on and writes its adapter to that folder."""
    watched = app.watched
    if watched is None or watched.reading is None or not watched.can_be_resumed:
        return None
    run = watched.reading.summary
    return run if os.path.realpath(run.adapter_path) == os.path.realpath(adapter) else None
