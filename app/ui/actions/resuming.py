"""Taking a run up again: one key where nothing has changed, a question where something has."""

import asyncio
from collections.abc import Mapping
from typing import Any

from textual.content import Content

from app.config.config import native
from app.config.edits import CannotEdit
from app.runs import wording
from app.runs.folder import RunError, file_of
from app.runs.resume import Resumption, plan, resume, resume_points
from app.session.watch import Watch
from app.ui.actions.beside import ask_beside
from app.ui.actions.running import watch
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose
from app.ui.screens.pick import Entry, Pick


async def take_up(app: Deck) -> None:
    """From its last state. Where no run is watched, the one that was paused last."""
    if app.watched is None and app.paused is not None:
        await watch(app, Watch(app.paused.folder))
    await _take_up(app, None)


async def take_up_from(app: Deck) -> None:
    """From one of the states that are kept."""
    if app.watched is None:
        return
    points = await asyncio.to_thread(resume_points, app.watched.folder)
    if not points:
        app.tell("Nothing is saved to go on from: the run would begin again.")
        return
    entries = [Entry(str(point), Content(f"iteration {point:,}")) for point in points]
    chosen = await app.push_screen_wait(Pick("Resume from", entries))
    if chosen is not None:
        await _take_up(app, int(chosen))


async def _take_up(app: Deck, since: int | None) -> None:
    if app.watched is None:
        return
    run = app.watched.folder
    try:
        planned = await asyncio.to_thread(plan, run, since)
        changed = await asyncio.to_thread(_as_in_the_forms, app, planned)
    except RunError as error:
        app.tell(str(error), "error")
        return
    if await ask_beside(app, "Resume") is None:
        return
    chosen = await _choose(app, planned, changed)
    if chosen is None:
        return
    try:
        await asyncio.to_thread(resume, chosen, _text(app) if chosen is changed else None)
    except RunError as error:
        app.tell(str(error), "error")
        return
    await watch(app, Watch(run))


async def _choose(app: Deck, planned: Resumption, changed: Resumption | None) -> Resumption | None:
    if changed is None and not planned.obstacle and not planned.changed_files and planned.state is not None:
        app.tell(" ".join(wording.resumption(planned)))
        return planned
    lines = wording.resumption(changed or planned)
    obstacles = [each.obstacle for each in (planned, changed) if each is not None and each.obstacle]
    answers = {} if planned.obstacle else {"same": "Resume as it was" if changed else "Resume"}
    if changed is not None and not changed.obstacle:
        answers["changed"] = "Resume with the changes"
    answer = await app.push_screen_wait(
        Choose("Resume this run?", "\n\n".join([*lines, *obstacles]), {**answers, "cancel": "Cancel"})
    )
    return {"same": planned, "changed": changed}.get(answer or "")


def _as_in_the_forms(app: Deck, planned: Resumption) -> Resumption | None:
    """With the values of the forms, where these are of the run's own file and say something else."""
    snapshot = app.session.snapshot
    if snapshot.path is None or snapshot.errors or file_of(planned.run) != snapshot.path.absolute():
        return None
    config: Mapping[str, Any] = native(snapshot.config)
    changed = plan(planned.run, planned.iteration or None, config)
    return changed if changed.changes else None


def _text(app: Deck) -> bytes:
    try:
        return app.session.rendered().encode()
    except CannotEdit:
        return app.session.rewritten().encode()
