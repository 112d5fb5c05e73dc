"""How long a training will take, judged by what comparable runs on this computer took."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config.config import READ_WHERE_PRESENT
from app.runs.follow import read_tail
from app.runs.listing import summarize
from app.wire.events import Started, Step, Validation, decode
from app.wire.files import read_json
from app.wire.run_folder import RunFolder

_TAIL = 1 << 20
"""Bytes of the event file's end: some 9,000 steps, or the progress of a test that takes half an hour."""
_LEAST = 5
"""Steps that make a pace."""
_COMPILED = 2
"""Steps after a start that are not counted: MLX compiles the first, and the second again, seen at 15 and 0.6 s where
the others took 0.02 s."""
_TRUSTED = ("finished", "stopped", "running")
"""What became of a run whose steps took their usual time; one that died may have been short of memory."""
_SAME = ("max_seq_length", "num_layers", "grad_checkpoint", "fine_tune_type", *READ_WHERE_PRESENT)
_FURTHEST = 2
"""How many times larger or smaller another batch may be: time is nearly in proportion to rows, until a GPU that idled
at the small batch fills up."""
_EVENTS = tuple(f'{{"event":"{name}",'.encode() for name in ("started", "step", "validation"))


@dataclass(frozen=True)
class Pace:
    """What to expect, and of which run that is known."""

    iterations_per_second: float
    """Of training alone, validations not counted."""
    validation_seconds: float | None
    """Of one validation; None where the run had none of as many batches."""
    run: str
    """The run's id."""
    batch_size: int
    """The run's: the pace is scaled by rows where the configuration has another."""
    exact: bool
    """Whether that run trained with the same batch."""


def pace(runs_dir: Path, config: Mapping[str, Any], start: Path | None = None) -> Pace | None:
    """The pace of the newest run here with the same model, data and settings that cost time; None without any.

    `config` is native, `start` where its relative paths begin (now: the working directory). Seconds per iteration are
    the mean of the run's last steps, which its reports average too. A run whose batch size alone is another, at
    most twice or half, does where there is no better. Other lengths, layers or methods are not scaled: what they cost
    depends on the model and on the rows. Reads the ends of files; call it off the event loop.
    """
    start = start or Path()
    scaled = None
    for folder, theirs in _comparable(runs_dir, config, start):
        exact = theirs["batch_size"] == config["batch_size"]
        if (scaled and not exact) or summarize(folder).state not in _TRUSTED:
            continue
        if found := _measured(folder, theirs, config):
            if exact:
                return found
            scaled = found
    return scaled


def duration_words(pace: Pace | None, iters: int, validations: int = 0) -> str:
    """The duration of so many iterations and validations in words; loading, testing and saving are not in it."""
    if pace is None:
        return "not known yet: no comparable run of this model here"
    seconds = iters / pace.iterations_per_second + validations * (pace.validation_seconds or 0)
    without = ", without its validations" if validations and pace.validation_seconds is None else ""
    judged = f"as in run {pace.run}" if pace.exact else f"scaled from batch_size {pace.batch_size} in run {pace.run}"
    return f"about {_rounded(seconds)}{without}, {judged}"


def _comparable(runs_dir: Path, config: Mapping[str, Any], start: Path) -> Iterator[tuple[RunFolder, dict[str, Any]]]:
    """Runs on this computer that differ in nothing but their batch, newest first, with their configurations."""
    wanted, facts = _cost(config, start), _this_machine()
    found = []
    for folder in _folders(runs_dir):
        manifest, theirs = read_json(folder.manifest) or {}, read_json(folder.resolved) or {}
        if not theirs.get("train") or not _is_near(theirs.get("batch_size"), config["batch_size"]):
            continue
        if _is_here(manifest.get("machine"), facts) and wanted == _cost(theirs, _started_in(manifest)):
            found.append((str(manifest.get("created", "")), folder.id, folder, theirs))
    for *_, folder, theirs in sorted(found, key=lambda run: run[:2], reverse=True):
        yield folder, theirs


def _folders(runs_dir: Path) -> list[RunFolder]:
    try:
        return [RunFolder(path) for path in runs_dir.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []


def _is_near(theirs: Any, ours: int) -> bool:
    return type(theirs) is int and theirs > 0 and 1 / _FURTHEST <= theirs / ours <= _FURTHEST


def _started_in(manifest: dict[str, Any]) -> Path:
    return Path(str(manifest.get("start_directory") or ""))


def _cost(config: Mapping[str, Any], start: Path) -> list[Any]:
    """What, beside the batch, decides how long an iteration takes."""
    block = config.get("lora_parameters")
    lora = block if isinstance(block, dict) and config.get("fine_tune_type") != "full" else {}
    places = [_place(config.get(name), start) for name in ("model", "data")]
    return [*places, lora.get("rank"), lora.get("keys"), *(config.get(name) for name in _SAME)]


def _place(name: Any, start: Path) -> str:
    """A folder by its full path, so that `model` in two places is two models; a hub name as it is."""
    try:
        folder = start / str(name)
        return str(folder.resolve()) if folder.is_dir() else str(name)
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a loop of links
        return str(name)


def _this_machine() -> dict[str, Any]:
    from app.machine.describe import machine_facts  # psutil: 60 ms that importing this room must not cost

    return machine_facts()


def _is_here(theirs: Any, ours: dict[str, Any]) -> bool:
    """Whether a run's record speaks of this computer; its memory may vary by what the system keeps for itself."""
    memory = theirs.get("memory") if isinstance(theirs, dict) else None
    if not isinstance(memory, int) or not math.isclose(memory, ours["memory"], rel_tol=0.02):
        return False
    return all(theirs.get(name) == ours[name] for name in ("processor", "cores", "backend"))


def _measured(folder: RunFolder, theirs: dict[str, Any], config: Mapping[str, Any]) -> Pace | None:
    steps, validations = _seconds(read_tail(folder.events, _TAIL))
    if len(steps) < _LEAST:
        return None
    scale = config["batch_size"] / theirs["batch_size"]
    whole_set = config["val_batches"] == -1  # as many rows, whatever the batch
    same = validations and theirs.get("val_batches") == config["val_batches"]
    return Pace(
        iterations_per_second=1 / (_mean(steps) * scale),
        validation_seconds=_mean(validations) * (1 if whole_set else scale) if same else None,
        run=folder.id,
        batch_size=theirs["batch_size"],
        exact=scale == 1,
    )


def _seconds(tail: bytes) -> tuple[list[float], list[float]]:
    """Seconds of the steps and of the validations that the end of an event file tells of."""
    steps, validations = [], []
    to_skip = 0
    for line in tail.splitlines():
        event = decode(line) if line.startswith(_EVENTS) else None
        if isinstance(event, Started):
            to_skip = _COMPILED
        elif isinstance(event, Step):
            if not to_skip and 0 < event.seconds < math.inf:
                steps.append(event.seconds)
            to_skip = max(0, to_skip - 1)
        elif isinstance(event, Validation) and 0 < event.seconds < math.inf:
            validations.append(event.seconds)
    return steps, validations


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _rounded(seconds: float) -> str:
    """As fine as an estimate deserves: seconds, then minutes, then five minutes, then hours."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} m"
    minutes = 5 * round(minutes / 5)
    return f"{minutes // 60} h {minutes % 60:02} m" if minutes < 24 * 60 else f"{round(minutes / 60)} h"
