"""What a list of runs tells of each beside its summary: losses, best, time and speed over the whole run."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from app.runs.curve_reading import CurveReader
from app.wire.files import read_json
from app.wire.run_folder import RunFolder

_VERSION = 2


@dataclass(frozen=True)
class RunFigures:
    """Of every iteration as it was trained last (see `app.runs.curve`); None where there is nothing to tell."""

    train_loss: float | None = None
    """Of the last report; of the smoothed curve where there was none."""
    validation_loss: float | None = None
    """The last one."""
    best_loss: float | None = None
    """The lowest finite validation loss, and the iteration it was found at."""
    best_iteration: int | None = None
    test_loss: float | None = None
    tokens: int = 0
    """Trained."""
    seconds: float = 0.0
    """Of training: of the steps alone."""

    @property
    def tokens_per_second(self) -> float | None:
        return self.tokens / self.seconds if self.seconds else None


def figures_of(reader: CurveReader) -> RunFigures:
    """The figures of what was read so far."""
    curve, best = reader.curve, reader.curve.best()
    train_loss = reader.train_loss
    if train_loss is None and len(curve):
        train_loss = curve.smoothed[-1]
    return RunFigures(
        train_loss=train_loss,
        validation_loss=curve.validations.y[-1] if len(curve.validations) else None,
        best_loss=best[1] if best else None,
        best_iteration=best[0] if best else None,
        test_loss=reader.test_loss,
        tokens=int(curve.tokens[-1]) if len(curve) else 0,
        seconds=curve.seconds[-1] if len(curve) else 0.0,
    )


def read_figures(run: RunFolder) -> RunFigures:
    """The figures of a run, all of whose events are read."""
    reader = CurveReader(run)
    reader.read()
    return figures_of(reader)


def kept_figures(run: RunFolder) -> RunFigures | None:
    """Those of an ended run, as they were kept in its folder; None where its events are not the same any more."""
    kept = read_json(run.figures) or {}
    if kept.get("version") != _VERSION or kept.get("events_size") != events_size(run):
        return None
    try:
        return RunFigures(**{name: _number(name, value) for name, value in kept["figures"].items()})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def keep_figures(run: RunFolder, figures: RunFigures, size: int) -> None:
    """For next time, when the run has ended with so many bytes of events. A folder that takes no files is left."""
    values = {"version": _VERSION, "events_size": size, "figures": as_plain(asdict(figures))}
    staged = run.figures.with_name(f".{run.figures.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        staged.write_text(json.dumps(values))
        staged.replace(run.figures)  # not flushed to the disk, which takes longer than to read a run: it can be again


def figures(run: RunFolder, alive: bool) -> RunFigures:
    """The figures of a run: the kept ones, or read now, and then kept once it has ended."""
    if not alive and (kept := kept_figures(run)) is not None:
        return kept
    size = events_size(run)
    found = read_figures(run)
    if not alive:
        keep_figures(run, found, size)
    return found


def events_size(run: RunFolder) -> int:
    """Bytes of the event file, which only grows; 0 when there is none."""
    try:
        return run.events.stat().st_size
    except OSError:
        return 0


def as_plain(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers that are not finite as strings, as in the events: JSON knows neither."""
    return {name: str(one) if isinstance(one, float) and one - one != 0 else one for name, one in values.items()}


def _number(name: str, value: Any) -> Any:
    if value is None and name not in ("tokens", "seconds"):
        return None
    if isinstance(value, bool):
        raise ValueError
    return int(value) if name in ("tokens", "best_iteration") else float(value)
