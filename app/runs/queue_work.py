"""What works a queue off: a small process of its own, so that closing the app stops nothing.

It holds a lock in the runs folder as long as it lives, so that there is one; it ends with the queue.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.runs.afterwards import tell_afterwards
from app.runs.folder import RunError, manifest
from app.runs.inputs import inputs_of
from app.runs.launch import launch
from app.runs.listing import live_run, summarize
from app.runs.paused import is_paused
from app.runs.queue import Queue, read_queue, sole_writer, write_queue
from app.wire.events import Ended
from app.wire.files import read_json, write_json
from app.wire.folder_lock import FolderBusy, is_busy, lock_folder
from app.wire.run_folder import RunFolder

LOOK_EVERY = 1.0
"""Seconds between looks at the run that goes on."""
_PATIENCE = 15.0
"""Seconds for the process to begin. It takes about 0.3 s on a slow machine."""


def is_worked_off(runs_dir: Path) -> bool:
    """Whether a process works on the queue now."""
    return is_busy(_place(runs_dir))


def go_on(runs_dir: Path) -> bool:
    """Sees to it that a process works on what is queued; True when it had to be started. Raises RunError."""
    if not read_queue(runs_dir).order or is_worked_off(runs_dir):
        return False
    log = _place(runs_dir) / "log"
    try:
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.runs", "queue", str(runs_dir)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=runs_dir,
                start_new_session=True,
            )
    except OSError as error:
        raise RunError(f"{log.parent}: the queue cannot be worked off there: {error.strerror}.") from error
    deadline = time.monotonic() + _PATIENCE
    while not is_worked_off(runs_dir) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    if process.poll():
        raise RunError(f"The queue's process did not start; {log} says why.")
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays a zombie of a long-lived caller
    return True


def work_off(runs_dir: Path) -> int:
    """Begins one queued run after another, each when no run of the folder goes on. Returns an exit code."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        lock = lock_folder(_place(runs_dir))
    except FolderBusy:
        return 0  # another has it in hand
    before: RunFolder | None = None
    while True:
        live = before if before and summarize(before).alive else live_run(runs_dir)
        if live is None:
            with sole_writer(runs_dir):
                queue = read_queue(runs_dir)
                turned = next_turn(runs_dir, queue, before)
                if turned != queue:
                    write_queue(runs_dir, turned)
                if not turned.order:
                    # Let go before anybody else can add to it: whoever does starts the next process.
                    if lock is not None:
                        os.close(lock)
                    return 0
        before = live
        time.sleep(LOOK_EVERY)


def next_turn(runs_dir: Path, queue: Queue, before: RunFolder | None) -> Queue:
    """What becomes of the queue when no run goes on: its next run begins, unless one that was paused holds it.

    `before` is the run whose end was waited for. A pause frees the memory for a person, so the next run waits until the
    paused one is taken up or ended, or the queue is told to go on. Only for the sole writer.
    """
    if not queue.order:
        return replace(queue, held_by=None)
    if before is not None and is_paused(before):
        return replace(queue, held_by=before.id)
    if queue.held_by is not None and is_paused(RunFolder(runs_dir / queue.held_by)):
        return queue
    run, *others = queue.order
    begun = _begin(RunFolder(runs_dir / run))
    return Queue(tuple(others), None, run if begun else queue.started)


def _begin(run: RunFolder) -> bool:
    """Whether the run was launched. One that cannot start has failed, and says so in its own story."""
    if run.log.exists() or not run.path.is_dir():  # launched by a process that was killed then; or deleted
        return False
    try:
        _take_inputs_as_they_are(run)
        launch(run)
    except (RunError, OSError) as error:
        reason = str(error) if isinstance(error, RunError) else f"{error.filename}: {error.strerror}."
        print(f"{run.id}: {reason}", flush=True)
        with suppress(OSError):
            _record_failure(run, reason)
        return False
    return True


def _take_inputs_as_they_are(run: RunFolder) -> None:
    """It trains on the data of now, which may have changed since it was queued."""
    facts = manifest(run)
    inputs = inputs_of(read_json(run.resolved) or {}, Path(facts["start_directory"]))
    write_json(run.manifest, facts | {"inputs": inputs})


def _record_failure(run: RunFolder, reason: str) -> None:
    tell_afterwards(run, Ended(time.time(), "failed", 0, reason))
    write_json(run.exit, {"code": 1, "signal": None})


def _place(runs_dir: Path) -> Path:
    """The process's own folder, which it locks and where its output goes."""
    return runs_dir / ".queue"
