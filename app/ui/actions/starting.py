"""Starting a run: errors stand in its way unless they are overridden by name, warnings are told once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from app.checks.finding import Finding
from app.config.edits import CannotEdit
from app.config.registry import BY_KEY
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError
from app.session.before_start import findings_at_start, of_level
from app.session.run_choices import chosen_options
from app.session.training import begin
from app.session.watch import Watch
from app.ui.actions.fields import mend
from app.ui.actions.running import watch
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose


async def start(app: Deck) -> None:
    """Trains what the forms show, saved or not; the run keeps the text that says so."""
    if not await _is_sound(app):
        return
    overwrite = await _may_overwrite(app)
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
    try:
        run = await asyncio.to_thread(
            begin,
            snapshot.config,
            text,
            source,
            app.start_directory,
            app.runs_dir,
            overwrite,
            None,
            expected,
            chosen_options(app.window),
        )
    except RunError as error:
        app.tell(str(error), "error")
        return
    await watch(app, Watch(run))


async def _is_sound(app: Deck) -> bool:
    """Whether to go on: nothing is in the way, or the person says so."""
    snapshot = app.session.snapshot
    found = await asyncio.to_thread(findings_at_start, snapshot, app.start_directory)
    drafts = [f"{key}: {message}" for key, message in snapshot.errors.items()]
    errors, warnings = of_level(found, "error"), of_level(found, "warning")
    if drafts:  # no value, so nothing that could train in spite of it
        return await _ask(app, "This cannot train yet", drafts, [*snapshot.errors], errors, None)
    if errors:
        return await _ask(app, "This cannot train yet", [], [], errors, "Train anyway")
    unheard = [finding for finding in warnings if finding.message not in app.warned]
    app.warned |= {finding.message for finding in unheard}
    return not unheard or await _ask(app, "Before it trains", [], [], unheard, "Train")


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
