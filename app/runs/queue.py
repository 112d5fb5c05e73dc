"""The order in which queued runs begin: one small file of the runs folder, written by one at a time.

A queued run is a run's folder that is named here and was not launched yet.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.runs.folder import RunError
from app.wire.files import read_json, write_json
from app.wire.folder_lock import FolderBusy, lock_folder
from app.wire.run_folder import RunFolder

_PATIENCE = 20.0
"""Seconds to wait for whoever changes the queue now: launching a run holds it until the run's process is on record."""


@dataclass(frozen=True)
class Queue:
    order: tuple[str, ...] = ()
    """Ids of the runs, the next one first."""
    held_by: str | None = None
    """The paused run for whose sake the next one waits."""
    started: str | None = None
    """The run that the queue began last."""

    def with_added(self, id: str) -> "Queue":
        """With a run at the end."""
        return replace(self, order=(*self.order, id))

    def without(self, id: str) -> "Queue":
        """Raises RunError for a run that is not queued."""
        self.place(id)
        return replace(self, order=tuple(each for each in self.order if each != id))

    def moved_to(self, id: str, place: int) -> "Queue":
        """With a run at `place`, counted from 0 and held within the order. Raises RunError if it is not queued."""
        others = list(self.without(id).order)
        others.insert(max(0, place), id)
        return replace(self, order=tuple(others))

    def moved_by(self, id: str, steps: int) -> "Queue":
        """With a run so many places later, or earlier. Raises RunError if it is not queued."""
        return self.moved_to(id, self.place(id) + steps)

    def place(self, id: str) -> int:
        """Counted from 0. Raises RunError if the run is not queued."""
        if id not in self.order:
            raise RunError(f"{id} is not queued any more.")
        return self.order.index(id)


def read_queue(runs_dir: Path) -> Queue:
    """The queue as it is now; an empty one where there is none, or none that can be read."""
    found = read_json(_file(runs_dir)) or {}
    order = found.get("order")
    names = [name for name in order if isinstance(name, str)] if isinstance(order, list) else []
    return Queue(tuple(dict.fromkeys(names)), _text(found.get("held_by")), _text(found.get("started")))


@contextmanager
def sole_writer(runs_dir: Path) -> Iterator[None]:
    """While this lasts, nobody else changes the queue of a runs folder, which exists. Raises RunError."""
    try:
        lock = lock_folder(runs_dir, _PATIENCE)
    except FolderBusy:
        raise RunError(f"The queue of {runs_dir} is being changed by another process: try again.") from None
    except OSError as error:
        raise RunError(f"{runs_dir}: this cannot be opened: {error.strerror}.") from error
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def write_queue(runs_dir: Path, queue: Queue) -> None:
    """Only for the sole writer. Raises RunError."""
    file = _file(runs_dir)
    if file.exists() and read_json(file) is None:
        raise RunError(f"{file}: this is damaged: mend it, or delete it and add your runs again.")
    try:
        write_json(file, {"order": queue.order, "held_by": queue.held_by, "started": queue.started})
    except OSError as error:
        raise RunError(f"{file}: this cannot be written: {error.strerror}.") from error


def is_queued(run: RunFolder) -> bool:
    """Whether the run still waits for its turn. What is being launched has a log."""
    return run.id in read_queue(run.path.parent).order and not run.log.exists()


def _file(runs_dir: Path) -> Path:
    return runs_dir / "queue.json"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
