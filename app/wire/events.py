"""What a trainer says of its run: one event a line of `events.jsonl`.

Every event carries `time`, seconds since the Unix epoch. Losses may be NaN or infinite; JSON knows neither,
so they travel as the strings "nan", "inf" and "-inf".
"""

import json
import math
from dataclasses import dataclass, fields
from typing import Any

import orjson


@dataclass(frozen=True)
class Started:
    """The trainer is alive. `iters` is the last absolute iteration of the run, 0 for a test-only run."""

    time: float
    pid: int
    iters: int


@dataclass(frozen=True)
class Phase:
    """What the trainer does now: download, load, dataset, validate, train, test or save.

    `done` of `total` counts bytes while downloading and batches while validating or testing; `total` 0 is unknown.
    """

    time: float
    name: str
    detail: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Model:
    """The model as loaded: its size and how many of its parameters are trained."""

    time: float
    parameters: int
    trainable: int
    rows: int
    """Training rows."""
    valid_rows: int = 0


@dataclass(frozen=True)
class Step:
    """One iteration (micro-batch): its loss (mean over its tokens), its trained tokens, its seconds."""

    time: float
    iteration: int
    loss: float
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Report:
    """A closed report window, the figures mlx-lm prints. `peak_memory` is in bytes."""

    time: float
    iteration: int
    loss: float
    learning_rate: float
    iterations_per_second: float
    tokens_per_second: float
    trained_tokens: int
    peak_memory: int


@dataclass(frozen=True)
class Validation:
    """A validation pass before `iteration` is trained, as mlx-lm counts it; `seconds` it took."""

    time: float
    iteration: int
    loss: float
    seconds: float


@dataclass(frozen=True)
class Checkpoint:
    """Adapter weights whole on disk; `path` is the numbered file, or the final one."""

    time: float
    iteration: int
    path: str


@dataclass(frozen=True)
class Best:
    """The lowest validation loss so far; the adapter as it was then is kept whole in the folder `path`."""

    time: float
    iteration: int
    loss: float
    path: str


@dataclass(frozen=True)
class Tested:
    """The loss over the test set, and its perplexity."""

    time: float
    loss: float
    perplexity: float


@dataclass(frozen=True)
class Note:
    """Something to know that is not an end: `level` is note or warning."""

    time: float
    level: str
    text: str


@dataclass(frozen=True)
class Ended:
    """The trainer's last word. `outcome` is finished, stopped, paused or failed; `reason` says why it failed, or what
    stopped it when no person did."""

    time: float
    outcome: str
    iteration: int
    reason: str = ""


Event = Started | Phase | Model | Step | Report | Validation | Checkpoint | Best | Tested | Note | Ended

_NAMES = {
    "started": Started, "phase": Phase, "model": Model, "step": Step, "report": Report,
    "validation": Validation, "checkpoint": Checkpoint, "best": Best, "tested": Tested, "note": Note, "ended": Ended,
}  # fmt: skip
_TAGS = {kind: name for name, kind in _NAMES.items()}
_READ = {name: (kind, {f.name: f.type for f in fields(kind)}) for name, kind in _NAMES.items()}


def encode(event: Event) -> str:
    """The event as one line of strict JSON, newline included."""
    body: dict[str, Any] = {"event": _TAGS[type(event)]}
    for field in fields(event):
        value = getattr(event, field.name)
        body[field.name] = str(value) if isinstance(value, float) and not math.isfinite(value) else value
    return json.dumps(body, separators=(",", ":"), allow_nan=False) + "\n"


def decode(line: str | bytes) -> Event | None:
    """The event on a line, or None for a torn, foreign or garbled one: a reader skips what it cannot know."""
    try:
        body = orjson.loads(line)
        kind, types = _READ[body.pop("event")]
        for key, value in body.items():
            if type(value) is not types.get(key, type(value)):
                if types[key] is not float or isinstance(value, bool):
                    return None
                body[key] = float(value)
        return kind(**body if body.keys() <= types.keys() else {key: body[key] for key in body.keys() & types.keys()})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
