"""What a person does with the queue, and how it stands."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.runs.folder import RunError, manifest
from app.runs.listing import RunSummary, list_runs, live_run, summarize
from app.runs.paused import is_paused
from app.runs.queue import Queue, read_queue, sole_writer, write_queue
from app.runs.queue_work import go_on, is_worked_off
from app.wire.run_folder import RunFolder


@dataclass(frozen=True)
class QueueState:
    waiting: tuple[RunSummary, ...]
    """The queued runs, the next one first."""
    running: RunSummary | None
    """The run that goes on, whose end they wait for."""
    held_by: str | None
    """The paused run for whose sake they wait."""
    worked_off: bool
    """Whether the process lives that begins them."""


def look_at_queue(runs_dir: Path, running: RunFolder | None = None) -> QueueState:
    """`running` is what went on at the last look: as long as it does, the other runs need not be read."""
    queue = read_queue(runs_dir)
    waiting = tuple(summarize(RunFolder(runs_dir / id)) for id in queue.order)
    summary = summarize(running) if running else None
    if not (summary and summary.alive):
        live = live_run(runs_dir)
        summary = summarize(live) if live else None
    holder = RunFolder(runs_dir / queue.held_by) if queue.held_by else None
    return QueueState(
        waiting=tuple(run for run in waiting if run.state == "queued"),
        running=summary,
        held_by=holder.id if holder and is_paused(holder) else None,
        worked_off=is_worked_off(runs_dir),
    )


def add(run: RunFolder) -> None:
    """Puts a run that was made and not launched at the end, and sees to it that its turn comes. Raises RunError."""
    _change(run.path.parent, lambda queue: queue.with_added(run.id))
    go_on(run.path.parent)


def move_by(run: RunFolder, steps: int) -> None:
    """So many places later, or earlier if below 0. Raises RunError, too when its turn has come meanwhile."""
    _change(run.path.parent, lambda queue: queue.moved_by(run.id, steps))


def move_to(run: RunFolder, place: int) -> None:
    """To a place counted from 0. Raises RunError, too when its turn has come meanwhile."""
    _change(run.path.parent, lambda queue: queue.moved_to(run.id, place))


def remove(run: RunFolder) -> None:
    """Takes a run out and deletes its folder, which holds nothing but its configuration.

    Raises RunError, too when its turn has come meanwhile: then it stays as it is.
    """
    runs_dir = run.path.parent
    with sole_writer(runs_dir):
        queue = read_queue(runs_dir).without(run.id)
        if run.log.exists():
            raise RunError(f"{run.id} has begun already.")
        write_queue(runs_dir, queue)
        shutil.rmtree(run.path, ignore_errors=True)


def let_go_on(runs_dir: Path) -> bool:
    """Lets the next run begin although another is paused, and works the queue off if nothing does.

    False when nothing is queued. Raises RunError.
    """
    if not read_queue(runs_dir).order:
        return False
    _change(runs_dir, lambda queue: replace(queue, held_by=None))
    go_on(runs_dir)
    return True


def claimed_adapter(runs_dir: Path, adapter: Path) -> str | None:
    """A sentence naming the run, queued or going on, whose adapter will stand in a folder by the time of a run that is
    queued now; None when there is none."""
    for run in list_runs(runs_dir):
        if (run.alive or run.state == "queued") and _writes_to(run, adapter):
            return (
                f"{run.id}, which {'goes on' if run.alive else 'is queued'}, writes its adapter to {adapter} before"
                " this one would: choose another adapter_path, or allow it to be overwritten."
            )
    return None


def find_queued(runs_dir: Path, name: str) -> RunFolder:
    """The queued run of that name, or of the only name that begins so. Raises RunError."""
    ids = read_queue(runs_dir).order
    matching = [id for id in ids if id == name] or [id for id in ids if id.startswith(name)]
    if not matching:
        raise RunError(f"No run {name} is queued; `tunedeck queue` lists those that are.")
    if len(matching) > 1:
        raise RunError(f"{name} could be {', '.join(matching[:5])}: name more of it.")
    return RunFolder(runs_dir / matching[0])


def _change(runs_dir: Path, how: Callable[[Queue], Queue]) -> None:
    with sole_writer(runs_dir):
        write_queue(runs_dir, how(read_queue(runs_dir)))


def _writes_to(run: RunSummary, adapter: Path) -> bool:
    try:
        trains = manifest(run.folder).get("trains")
    except RunError:
        return False
    return bool(trains) and os.path.realpath(run.adapter_path) == os.path.realpath(adapter)
