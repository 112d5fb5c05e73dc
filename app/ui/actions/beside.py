"""Before a training begins: another one that goes on already, and what waits for its end."""

import asyncio
from pathlib import Path

from app.runs.listing import live_run
from app.runs.queue import is_queued, read_queue
from app.ui.deck import Deck
from app.ui.screens.dialogs import Choose
from app.wire.run_folder import RunFolder

QUEUE, BESIDE = "queue", "beside"


async def ask_beside(app: Deck, verb: str, may_queue: bool = False) -> str | None:
    """BESIDE where no other run goes on, or the person wants two at once; QUEUE; None for neither.

    `verb` is what the training is about to do, as `Train`.
    """
    live = await asyncio.to_thread(live_run, app.runs_dir)
    if live is None:
        return BESIDE
    body = f"{live.id} goes on. Two trainings at once share the memory, and each takes longer."
    answers = {"cancel": "Cancel"} | ({QUEUE: "Queue this one"} if may_queue else {}) | {BESIDE: f"{verb} beside it"}
    answer = await app.push_screen_wait(Choose("Another run goes on", body, answers))
    return answer if answer in (QUEUE, BESIDE) else None


async def waiting_words(app: Deck) -> str:
    """What becomes of the queued runs when the one that goes on is stopped, left or paused; empty where none waits."""
    count = await asyncio.to_thread(_count_waiting, app.runs_dir)
    if not count:
        return ""
    runs = "1 queued run begins" if count == 1 else f"{count} queued runs begin"
    return f" {runs} after it; while it is paused, {'it waits' if count == 1 else 'they wait'}."


def _count_waiting(runs_dir: Path) -> int:
    return sum(is_queued(RunFolder(runs_dir / id)) for id in read_queue(runs_dir).order)
