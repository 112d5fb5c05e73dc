"""What can be done about a run that died: read all of its report, or let one of its proposals be done in the forms."""

import asyncio

from textual.content import Content

from app.checks.finding import Fix
from app.runs.crash.cause import Proposal
from app.runs.folder import file_of
from app.ui.crash_words import crash_text
from app.ui.deck import Deck
from app.ui.screens.pick import Entry, Pick
from app.ui.screens.read import Read
from app.wire.run_folder import RunFolder
from app.wire.text import printable


async def report(app: Deck) -> None:
    """All of it, the trace unfolded."""
    if app.watched is not None and (crash := app.watched.crash):
        await app.push_screen(Read(printable(app.watched.folder.id), crash_text(crash)))


async def mend(app: Deck) -> None:
    """One proposal with its values, as one step of undo; resuming takes the values of the forms."""
    watched = app.watched
    if watched is None or not (mendable := watched.mendable):
        return
    if not await asyncio.to_thread(_is_open, app, watched.folder):
        app.tell(f"The forms hold another file than {watched.folder.id} was started from: open that one first.")
        return
    chosen = await app.push_screen_wait(Pick("Change this in the forms", list(map(_entry, mendable)), filter=False))
    if chosen is None:
        return
    proposal = next(each for each in mendable if each.words == chosen)
    app.session.apply_edits(Fix(proposal.words, proposal.changes))
    told = ", ".join(f"{key} is {_as_yaml(value)}" for key, value in proposal.changes)
    app.tell(f"In the forms {told}. Now r resumes the run with it; undo on the forms takes it back.")


def _entry(proposal: Proposal) -> Entry:
    return Entry(proposal.words, Content(printable(proposal.words)))


def _is_open(app: Deck, run: RunFolder) -> bool:
    path = app.session.snapshot.path
    return path is not None and file_of(run) == path.absolute()


def _as_yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
