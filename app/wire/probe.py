"""What the app and the engine's probe say to each other: one request, then one message a line of JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

_OUT_OF_MEMORY = re.compile(
    r"(unable|attempting) to allocate|out of memory|insufficient memory|bad_alloc",
    re.IGNORECASE,
)
"""What MLX 0.32 throws or dies with (mlx/backend/{metal,cuda}/allocator.cpp, metal/device.cpp, cudaGetErrorString)."""
_ALLOCATION = re.compile(r"allocate (\d+) bytes")


@dataclass(frozen=True)
class ProbeRequest:
    """A training to measure, in the working directory of the process."""

    config: Mapping[str, Any]
    """The native configuration, as it trains."""
    width: int | None = None
    """Tokens of a padded batch to make up where the data cannot be loaded; None to say so instead."""
    scratch: str | None = None
    """A folder for temporary files, which the engine removes when whoever asked is gone."""


@dataclass(frozen=True)
class Progress:
    """What the probe does now: load, dataset or train.

    `done` of `total` counts batches of the data, then iterations; `total` 0 is unknown.
    """

    phase: str
    detail: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Reached:
    """How far the phase has come: MLX's own peak so far, in bytes."""

    bytes: int


@dataclass(frozen=True)
class Measured:
    """The peak, as `mx.get_peak_memory` counts it around mlx-lm's own training: weights in, cache of buffers not."""

    peak_bytes: int
    active_bytes: int
    """What stays between two iterations."""
    footprint_bytes: int
    """The most that the process ever held of the computer's memory, Python, cache and tokenized rows included."""
    seconds_per_update: float
    """For batches as wide as this one."""
    batch: int
    width: int
    """Of the padded batch, in tokens, with the last one, which is only predicted."""
    iterations: int
    backend: str
    mlx_version: str
    mlx_lm_version: str
    made_up: str = ""
    """Why the rows are made up; empty when they are the data's own."""


@dataclass(frozen=True)
class OutOfMemory:
    """MLX was refused memory and said so. `bytes` were certainly needed, as `mx.get_peak_memory` counts."""

    bytes: int
    words: str


@dataclass(frozen=True)
class Problem:
    """Nothing could be measured: one sentence for a person."""

    sentence: str


Message = Progress | Reached | Measured | OutOfMemory | Problem

_NAMES = {
    "progress": Progress, "reached": Reached, "measured": Measured, "out_of_memory": OutOfMemory, "problem": Problem,
}  # fmt: skip
_TAGS = {kind: name for name, kind in _NAMES.items()}


def encode(message: Message) -> bytes:
    """One line, newline included."""
    return json.dumps({"message": _TAGS[type(message)]} | asdict(message)).encode("ascii") + b"\n"


def decode(line: str | bytes) -> Message | None:
    """The message of a line; None for any other line."""
    try:
        body = json.loads(line)
        kind = _NAMES[body.pop("message")]
        types = {field.name: field.type for field in fields(kind)}
        return kind(**body) if all(type(value) is types[name] for name, value in body.items()) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def encode_request(request: ProbeRequest) -> bytes:
    """One line, newline included."""
    return json.dumps(asdict(request)).encode("ascii") + b"\n"


def decode_request(line: str | bytes) -> ProbeRequest:
    """The request of such a line. Raises ValueError or TypeError for any other."""
    return ProbeRequest(**json.loads(line))


def tells_of_memory(words: str) -> bool:
    """Whether an error of MLX's says that there was not enough memory."""
    return bool(_OUT_OF_MEMORY.search(words))


def refused_bytes(words: str) -> int:
    """Bytes of the allocation that such an error names; 0 when it names none."""
    found = _ALLOCATION.search(words)
    return int(found.group(1)) if found else 0
