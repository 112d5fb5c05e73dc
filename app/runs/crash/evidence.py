"""What a dead trainer left behind, gathered by a few small reads; recognisers see nothing else."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from app.config.registry import BY_KEY
from app.machine.shortage import NEAR_SHARE
from app.runs.crash.trace import trace_of
from app.runs.follow import last_event, read_tail
from app.runs.launch import TAKEN_UP
from app.runs.recorded import recorded_trainer
from app.wire.events import Checkpoint, Ended, Event, Report, Step
from app.wire.files import read_json
from app.wire.process import is_of_this_boot
from app.wire.pulse import Pulse, pulse_from
from app.wire.run_folder import RunFolder

_TAIL = 1 << 16
"""Bytes of the log's end that are looked at."""


@dataclass(frozen=True)
class Evidence:
    reason: str = ""
    """Why it failed, as the trainer itself said; empty when it could not."""
    code: int | None = None
    signal: int | None = None
    recorded: bool = True
    """Whether the supervisor lived to record the end."""
    oom_kills: int | None = None
    """Processes that the kernel killed meanwhile for want of memory; None where it does not tell."""
    memory_limit: int | None = None
    """Bytes of address space that it was allowed; None for no limit."""
    pulse: Pulse | None = None
    log: tuple[str, ...] = ()
    """The end of what the trainer printed since it was last started."""
    config: Mapping[str, Any] | None = None
    expected_peak: int | None = None
    """Bytes that MLX's peak should not have passed, as estimated; None where it was not."""
    peak: int | None = None
    """MLX's own peak as last reported, in bytes."""
    iteration: int = 0
    iters: int = 0
    saved: int | None = None
    """The iteration of the last checkpoint."""
    same_boot: bool | None = None
    """Whether the computer has run through ever since; None where that cannot be told."""
    free_disk: int | None = None
    """Bytes that are free now where the run's folder is."""
    sets: Mapping[str, str] | None = None
    """The local files of the data, by set."""
    folder: str = ""
    """Where the run's own files are."""
    system: str = ""
    """The computer's, as Python's `platform` names it."""

    @cached_property
    def last_words(self) -> str:
        """Everything that was said about the end; the rest of the log may be of any data, and of what was survived."""
        return "\n".join((self.reason, *self.trace))

    @cached_property
    def trace(self) -> tuple[str, ...]:
        return trace_of(self.log)

    @property
    def memory_was_scarce(self) -> bool:
        """A look is some seconds old, and what ends a trainer takes less: so as soon as it was time to say so."""
        return self.pulse is not None and self.pulse.available < NEAR_SHARE * self.pulse.total

    def value(self, key: str) -> Any:
        """What a parameter was in this run."""
        found = (self.config or {}).get(key)
        return BY_KEY[key].default if found is None else found


def gather(run: RunFolder, ended: Ended | None, tail: bytes) -> Evidence:
    """`ended` is the trainer's own last word, None when it died without one; `tail` the end of its event file."""
    step, report, checkpoint = (last_event(tail, kind) for kind in ("step", "report", "checkpoint"))
    manifest, config = read_json(run.manifest) or {}, read_json(run.resolved) or {}
    ending = read_json(run.exit)
    trainer = recorded_trainer(run)
    return Evidence(
        reason=ended.reason if ended else "",
        code=_whole(ending, "code"),
        signal=_whole(ending, "signal"),
        recorded=ending is not None or ended is not None,
        oom_kills=_whole(ending, "oom_kills"),
        memory_limit=_whole(ending, "memory_limit"),
        pulse=pulse_from((ending or {}).get("pulse")) or pulse_from(read_json(run.pulse)),
        log=_log_since_start(run),
        config=config,
        expected_peak=_whole(manifest, "expected_peak"),
        peak=report.peak_memory if isinstance(report, Report) else None,
        iteration=step.iteration if isinstance(step, Step) else 0,
        iters=(_whole(config, "iters") or 0) if config.get("train") else 0,
        saved=_last_checkpoint(run, checkpoint),
        same_boot=is_of_this_boot(trainer[1]) if trainer else None,
        free_disk=_free_disk(run.path),
        sets=_local_sets(manifest, config),
        folder=str(run.path),
        system=_system(manifest.get("machine")),
    )


def _log_since_start(run: RunFolder) -> tuple[str, ...]:
    """A run that was taken up again keeps its log, and what killed it before is in there."""
    lines = read_tail(run.log, _TAIL).decode(errors="replace").splitlines()
    start = max((at + 1 for at, line in enumerate(lines) if line == TAKEN_UP), default=0)
    return tuple(lines[start:])


def _last_checkpoint(run: RunFolder, told: Event | None) -> int | None:
    """By what stands on disk to resume from; a run that went back has told of later ones."""
    saved = [int(path.name) for path in run.states.glob("[0-9]*") if path.name.isdecimal()]
    return max(saved, default=told.iteration if isinstance(told, Checkpoint) else None)


def _free_disk(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def _local_sets(manifest: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, str]:
    """mlx-lm counts rows as lines of these; what it downloads has no lines."""
    data = str(config.get("data") or "")
    folder = Path(str(manifest.get("start_directory") or "")) / data
    names = ("train", "valid", "test")
    return {name: f"{data}/{name}.jsonl" for name in names if data and (folder / f"{name}.jsonl").is_file()}


def _system(machine: object) -> str:
    return str(machine.get("system", "")) if isinstance(machine, Mapping) else ""


def _whole(record: Mapping[str, Any] | None, key: str) -> int | None:
    value = (record or {}).get(key)
    return value if isinstance(value, int) else None
