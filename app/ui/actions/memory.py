"""Make a training fit its memory, and measure what it really takes: in a thread, under a dialog that can be left."""

import asyncio
from dataclasses import replace
from functools import partial

from textual.content import Content

from app.checks.finding import Fix
from app.memory.family import Point
from app.memory.fitting import Proposal
from app.memory.job import Job
from app.memory.probe import Cancelled, DiedOfMemory, ProbeResult
from app.memory.tracing import Untraceable
from app.session.fitting import GivenUp, calibrate, measure, proposals
from app.ui.actions.work import work_on
from app.ui.deck import Deck
from app.ui.screens.pick import Entry, Pick
from app.ui.side_words import LEVELS, bytes_words
from app.wire.probe import Measured, Problem
from app.wire.text import printable


async def fit(app: Deck) -> None:
    """Proposals that are green, each with its price; the one chosen is applied, as one step of undo."""
    snapshot = app.session.snapshot
    if snapshot.memory.job is None or snapshot.machine is None:
        app.tell("There is nothing to fit yet: the model must be on this computer, and one that mlx-lm can train.")
        return
    try:
        found = await work_on(app, "What fits this computer's memory", partial(proposals, snapshot))
    except GivenUp:
        return
    except Untraceable as error:
        app.tell(f"The step cannot be traced, so nothing can be proposed: {error}", "warning")
        return
    if not found:
        app.tell("Nothing was found that would surely fit: choose a smaller model, or one in 4 bits.", "warning")
        return
    entries = [_entry(at, proposal) for at, proposal in enumerate(found)]
    chosen = await app.push_screen_wait(Pick("Fit the memory of this computer", entries, filter=False))
    if chosen is None:
        return
    proposal = found[int(chosen)]
    if proposal.changes:
        app.session.apply_edits(Fix(proposal.title, tuple(proposal.changes)))
        app.tell(f"{proposal.title}. Undo takes it back.")
    else:  # another model, which is the person's to choose
        app.tell(f"{proposal.title}: {'; '.join(proposal.price.words)}.")


async def probe(app: Deck) -> None:
    """A few real iterations of the widest batch; this machine's estimates are corrected by what they take."""
    session, snapshot = app.session, app.session.snapshot
    if not snapshot.config.values["train"]:
        app.tell("There is nothing to probe: train is false.")
        return
    work = partial(measure, snapshot, app.start_directory)
    result = await work_on(app, "Measuring some steps of the widest batch", work)
    job, predicted = snapshot.memory.job, None
    if job is not None and (met := _met(result, job)):
        job, measured = met
        predicted = session.known.predicted(job)
        if predicted is not None:
            has_died = isinstance(result, DiedOfMemory)
            session.known.calibrated(await asyncio.to_thread(calibrate, job, predicted, measured, died=has_died))
    app.tell(*_told(result, predicted))


def _met(result: ProbeResult, job: Job) -> tuple[Job, int] | None:
    """The training that was really measured, and its peak in bytes; None where nothing was."""
    match result:
        case Measured():
            return replace(job, point=Point(result.batch, result.width)), result.peak_bytes
        case DiedOfMemory() if result.reached_bytes:
            return job, result.reached_bytes
        case _:
            return None


def _entry(at: int, proposal: Proposal) -> Entry:
    level = proposal.level
    words = Content.assemble(
        (f"{level.symbol} ", LEVELS[level]),
        (f"{bytes_words(proposal.estimate.peak_bytes or proposal.estimate.low_bytes):>8}  ", "$text-muted"),
        (printable(proposal.title), "bold"),
    )
    return Entry(str(at), words, Content("\n".join(map(printable, proposal.price.words))))


def _told(result: ProbeResult, predicted: int | None) -> tuple[str, str]:
    match result:
        case Measured():
            against = f", {result.peak_bytes / predicted - 1:+.1%} against the estimate" if predicted else ""
            rows = f"; {result.made_up}" if result.made_up else ""
            return (
                f"Measured {bytes_words(result.peak_bytes)} at {result.batch} x {result.width}{against}{rows}.",
                "information",
            )
        case DiedOfMemory():
            return f"The probe died of memory: {result.words}", "error"
        case Problem():
            return str(result.sentence), "warning"
        case Cancelled():
            return "The probe was given up; nothing is left of it.", "information"
