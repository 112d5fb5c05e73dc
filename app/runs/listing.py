"""Which runs there are and how they fare, told from a few small reads of each folder."""

import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from app.runs.crash.evidence import gather
from app.runs.crash.report import CrashReport, tell
from app.runs.folder import RunError
from app.runs.follow import last_event, last_standing, line_start, read_tail
from app.runs.queue import is_queued
from app.runs.recorded import death_is_being_recorded, recorded_trainer
from app.runs.stop import was_ended_at_once
from app.wire.events import Ended, Event, Report, Step, Validation
from app.wire.files import read_json
from app.wire.process import is_alive
from app.wire.run_folder import RunFolder

_TAIL = 1 << 16
"""Bytes of the event file's end: some 600 events."""


@dataclass(frozen=True)
class RunSummary:
    """A run at a glance. Losses are the last ones, None where there is none near the end."""

    folder: RunFolder
    state: str
    """queued, starting, running, finished, stopped, paused, failed or died."""
    how: str
    """Why it failed, or how its process died; else empty."""
    crash: CrashReport | None
    """The whole story of such an end, and what mends it."""
    created: str
    source: str | None
    model: str
    data: str
    adapter_path: str
    pid: int | None
    alive: bool
    """Whether more is to come: it is starting or running."""
    iteration: int
    iters: int
    train_loss: float | None
    validation_loss: float | None

    @property
    def id(self) -> str:
        return self.folder.id


def list_runs(runs_dir: Path) -> list[RunSummary]:
    """All runs of a folder, newest first; what is not a run is passed over."""
    summaries = [summarize(folder) for folder in folders_of(runs_dir)]
    return sorted(summaries, key=lambda summary: (summary.created, summary.id), reverse=True)


def folders_of(runs_dir: Path) -> list[RunFolder]:
    """The folders of all runs, in no order."""
    try:
        folders = [RunFolder(path) for path in runs_dir.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    return [folder for folder in folders if folder.manifest.exists()]


def find_run(runs_dir: Path, name: str | None) -> RunFolder:
    """The run of that name, or of the only name that begins so; the newest that has begun for None. Raises RunError."""
    summaries = list_runs(runs_dir)
    if not summaries:
        raise RunError(f"There are no runs in {runs_dir}.")
    if name is None:
        return next((summary for summary in summaries if summary.state != "queued"), summaries[0]).folder
    exact = [summary for summary in summaries if summary.id == name]
    matching = exact or [summary for summary in summaries if summary.id.startswith(name)]
    if not matching:
        raise RunError(f"There is no run {name} in {runs_dir}; `tunedeck runs` lists them.")
    if len(matching) > 1:
        raise RunError(f"{name} could be {', '.join(summary.id for summary in matching[:5])}: name more of it.")
    return matching[0].folder


def live_run(runs_dir: Path, source: Path | None = None) -> RunFolder | None:
    """The newest run that still goes on; only one that was started from the file `source`, if given."""
    for summary in list_runs(runs_dir):
        if summary.alive and (source is None or summary.source == str(source)):
            return summary.folder
    return None


def goes_on(folder: RunFolder) -> bool:
    """Whether more is to come: the run is starting or running. Asked before its events are read, all it said is there
    to be read once the answer is no.
    """
    trainer = recorded_trainer(folder)
    if trainer:
        return is_alive(*trainer) or death_is_being_recorded(folder)
    return not is_queued(folder) and _is_starting(folder)


def summarize(folder: RunFolder) -> RunSummary:
    """How a run fares now. Never fails: what cannot be read is left out."""
    manifest = read_json(folder.manifest) or {}
    config = read_json(folder.resolved) or {}
    trainer, alive = recorded_trainer(folder), goes_on(folder)
    queued = trainer is None and is_queued(folder)
    tail = read_tail(folder.events, _TAIL)
    step, report, validation = (last_standing(tail, kind) for kind in ("step", "report", "validation"))
    last = _last_word(tail)
    ended = last if isinstance(last, Ended) else None
    state = "queued" if queued else _state(folder, trainer, alive, ended)
    crash = tell(gather(folder, ended, tail)) if state in ("failed", "died") else None
    return RunSummary(
        folder=folder,
        state=state,
        how=ended.reason if ended else crash.title if crash else "ended at once" if state == "stopped" else "",
        crash=crash,
        created=manifest.get("created", ""),
        source=manifest.get("source"),
        model=str(config.get("model", "")),
        data=str(config.get("data", "")),
        adapter_path=manifest.get("adapter_path", ""),
        pid=trainer[0] if trainer else None,
        alive=alive,
        iteration=step.iteration if isinstance(step, Step) else 0,
        iters=config.get("iters", 0) if config.get("train") else 0,
        train_loss=report.loss if isinstance(report, Report) else None,
        validation_loss=validation.loss if isinstance(validation, Validation) else None,
    )


def as_json(summary: RunSummary) -> dict[str, Any]:
    """A summary as plain JSON values: losses that are not finite become strings, as in the events."""
    values = {field.name: getattr(summary, field.name) for field in fields(summary)}
    values["crash"] = asdict(summary.crash) if summary.crash else None
    for key in ("train_loss", "validation_loss"):
        if values[key] is not None and values[key] - values[key] != 0:
            values[key] = str(values[key])
    return {"id": summary.id} | values | {"folder": str(summary.folder.path)}


def _is_starting(folder: RunFolder) -> bool:
    """Whether a run without a process is new enough to get one: `launch` waits for it for 15 s."""
    newest = folder.log if folder.log.exists() else folder.manifest  # launching makes the log
    try:
        return not folder.exit.exists() and time.time() - newest.stat().st_mtime < 20
    except OSError:
        return False


def _state(folder: RunFolder, trainer: tuple[int, str] | None, alive: bool, ended: Ended | None) -> str:
    if alive:
        return "running" if trainer else "starting"
    if ended:
        return ended.outcome
    return "stopped" if was_ended_at_once(folder) else "died"


def _last_word(tail: bytes) -> Event | None:
    """The last beginning or end that the events tell: a run that was taken up again has not ended."""
    positions = {kind: tail.rfind(line_start(kind)) for kind in ("started", "ended")}
    return last_event(tail, max(positions, key=lambda kind: positions[kind]))
