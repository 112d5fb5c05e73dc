"""A long past, folded without making an event of every step, which would cost more than all else."""

from collections.abc import Sequence
from dataclasses import fields

import orjson

from app.runs.history import History
from app.wire.events import Step, decode

_STEP = b'{"event":"step",'
_NAMES = ["event", *(field.name for field in fields(Step))]
_TYPES = [str, *(field.type for field in fields(Step))]


def fold(lines: Sequence[bytes], history: History) -> None:
    """Applies the events on the lines, with the same result as `decode` and `History.apply` one after another."""
    newest = b""
    for line in lines:
        if line.startswith(_STEP) and (step := _step(line)) is not None:
            history.apply_step(*step)
            newest = line
        elif (event := decode(line)) is not None:
            history.apply(event)
            newest = b"" if isinstance(event, Step) else newest
    if isinstance(event := decode(newest), Step):
        history.last_step = event


def _step(line: bytes) -> tuple[int, float] | None:
    """Iteration and loss; None for whatever is unusual, which `decode` judges."""
    try:
        body = orjson.loads(line)
    except ValueError:
        return None
    if [type(value) for value in body.values()] != _TYPES or list(body) != _NAMES:
        return None
    return body["iteration"], body["loss"]
