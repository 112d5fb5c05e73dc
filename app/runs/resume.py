"""Take a run up again where its state was saved: the same run, whose iterations, curve and checkpoints go on."""

import datetime
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.models.facts import ModelError
from app.models.headers import read_header
from app.runs.changes import Change, Effect, changes
from app.runs.folder import RunError, manifest
from app.runs.inputs import changed_inputs, inputs_of
from app.runs.launch import launch
from app.runs.listing import folders_of, summarize
from app.wire.files import read_json, write_json, write_whole
from app.wire.run_folder import RunFolder

_STATE_FILES = ("adapters.safetensors", "optimizer.safetensors")


@dataclass(frozen=True)
class Resumption:
    """What taking a run up comes to. `iteration` is the one it goes on from, 0 where it begins again."""

    run: RunFolder
    iteration: int
    state: Path | None
    config: Mapping[str, Any]
    changes: tuple[Change, ...]
    changed_files: tuple[str, ...]
    """Of the model and the data, those that are no longer what they were."""
    lost: int
    """Iterations that were trained after `iteration`, and are trained again."""
    asked: int | None = None
    """The iteration that was named to go back to; `iteration` is the last saved one up to it."""
    finished_at: int | None = None
    """The last iteration of a run that finished and is not to go back."""
    is_tested: bool = False
    """Whether it finished, and its test with it."""

    @property
    def obstacle(self) -> str | None:
        """Why the run cannot go on so; None when it can."""
        unfit = [change for change in self.changes if change.effect is Effect.UNFIT]
        if unfit and self.state is not None:
            return f"{unfit[0].key}: {unfit[0].meaning}, with resume_adapter_file to start from this one's adapter."
        steps = self.config.get("grad_accumulation_steps") or 1
        if self.iteration % steps:
            return (
                f"grad_accumulation_steps: {self.iteration} iterations are no whole number of updates of {steps}: "
                "choose a divisor, or leave it as it was."
            )
        reached = max(self.iteration, self.finished_at or 0)
        if reached >= self.config.get("iters", 0) and (self.is_tested or not self.config.get("test")):
            return f"iters: the run has come to iteration {reached} already; a higher number lets it go on."
        return None

    @property
    def begins_other_order(self) -> bool:
        return any(change.effect is Effect.FRESH_ORDER for change in self.changes) or any(
            path.endswith("train.jsonl") for path in self.changed_files
        )


def resume_points(run: RunFolder) -> tuple[int, ...]:
    """The iterations that the run can go on from exactly, newest first: only states that are whole on disk."""
    try:
        folders = [path for path in run.states.iterdir() if path.name.isdigit()]
    except OSError:
        return ()
    return tuple(sorted((int(path.name) for path in folders if _is_whole(path)), reverse=True))


def plan(run: RunFolder, since: int | None = None, config: Mapping[str, Any] | None = None) -> Resumption:
    """What it comes to when the run goes on from its last state, or the last one up to iteration `since`.

    `config` is another native configuration to go on with. Raises RunError.
    """
    summary = summarize(run)
    if summary.alive:
        raise RunError(f"{run.id} still goes on: `tunedeck stop {run.id}` or `tunedeck pause {run.id}` first.")
    if summary.state == "queued":
        raise RunError(f"{run.id} is queued and has not begun; `tunedeck queue` says what it waits for.")
    facts, own = manifest(run), read_json(run.resolved)
    if own is None:
        raise RunError(f"{run.resolved}: this is missing or damaged, so the run cannot go on.")
    saved = resume_points(run)
    points = [point for point in saved if since is None or point <= since]
    if since is not None and not points:
        known = ", ".join(map(str, reversed(saved))) or "none"
        raise RunError(f"{run.id} has nothing saved to go on from at or before iteration {since}; there is: {known}.")
    trained = max(summary.iteration, *saved, 0)
    if since is not None and since > trained:
        raise RunError(f"{run.id} has come to iteration {trained}, so it cannot go on from {since}.")
    start = Path(facts["start_directory"])
    iteration = points[0] if points else 0
    return Resumption(
        run=run,
        iteration=iteration,
        state=run.states / f"{iteration:07d}" if points else None,
        config=config if config is not None else own,
        changes=changes(own, config) if config is not None else (),
        changed_files=tuple(changed_inputs(facts.get("inputs"), own, start)),
        lost=max(0, summary.iteration - iteration),
        asked=since,
        finished_at=summary.iteration if summary.state == "finished" and since is None else None,
        is_tested=summary.state == "finished" and bool(own.get("test")),
    )


def resume(
    resumption: Resumption,
    yaml: bytes | None = None,
    overwrite: bool = False,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Let the run go on as planned; returns once its process is on record.

    `yaml` is the file of another configuration. `overwrite` allows an adapter that another run has left in the folder
    since to be replaced. Raises RunError.
    """
    run = resumption.run
    if resumption.obstacle:
        raise RunError(resumption.obstacle)
    facts = manifest(run)
    if not overwrite and (words := later_adapter(resumption)):
        raise RunError(words)
    try:
        _record(resumption, facts, yaml)
    except OSError as error:
        raise RunError(
            f"{error.filename or run.path}: the run's folder cannot be written: {error.strerror}."
        ) from error
    launch(run, environment)


def later_adapter(resumption: Resumption) -> str | None:
    """A sentence naming the run that was begun after this one and has trained into the folder that this one would write
    to; None when there is none. Raises RunError."""
    facts = manifest(resumption.run)
    adapter, created = _adapter_of(resumption, facts), str(facts.get("created", ""))
    for other in folders_of(resumption.run.path.parent):
        theirs = read_json(other.manifest) or {}
        same = os.path.realpath(str(theirs.get("adapter_path", ""))) == os.path.realpath(adapter)
        if same and str(theirs.get("created", "")) > created and summarize(other).iteration:
            return f"{adapter} holds the adapter of a later run, {other.id}, which would be overwritten."
    return None


def _adapter_of(resumption: Resumption, facts: Mapping[str, Any]) -> Path:
    return Path(facts["start_directory"]) / str(resumption.config.get("adapter_path", ""))


def _record(resumption: Resumption, facts: dict[str, Any], yaml: bytes | None) -> None:
    run, start = resumption.run, Path(facts["start_directory"])
    told = [{"key": change.key, "before": change.before, "after": change.after} for change in resumption.changes]
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    continued = {"time": now, "from": resumption.iteration, "changes": told, "files": list(resumption.changed_files)}
    if yaml is not None:
        write_whole(run.config, yaml)
        write_json(run.resolved, dict(resumption.config))
    write_json(
        run.manifest,
        facts
        | {
            "state": str(resumption.state) if resumption.state else None,
            "fresh_order": resumption.begins_other_order,
            "adapter_path": str(_adapter_of(resumption, facts)),
            "continued": [*facts.get("continued", []), continued],
            "inputs": inputs_of(resumption.config, start),
        },
    )


def _is_whole(state: Path) -> bool:
    try:
        for name in _STATE_FILES:
            read_header(state / name)
        return isinstance(json.loads((state / "state.json").read_bytes()), dict)
    except (OSError, ValueError, ModelError):
        return False
