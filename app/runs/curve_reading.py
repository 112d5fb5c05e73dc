"""A run's curve, read from its events as they come."""

import math
import time
from typing import Any

import orjson

from app.runs.curve import Curve
from app.runs.follow import LineReader
from app.wire.run_folder import RunFolder

_WANTED = tuple(f'{{"event":"{name}",'.encode() for name in ("step", "validation", "report", "tested"))
_PIECE = 20_000
"""Events between two looks at the clock: 0.1 s."""
_LARGEST = 2**53
"""Beyond it a double no longer counts by ones."""


class CurveReader:
    """Reads on at each call. A million steps take five seconds: keep it off the event loop."""

    def __init__(self, run: RunFolder):
        self.curve = Curve()
        self.version = 0
        """Grows with every reading that found something."""
        self.train_loss: float | None = None
        """Of the last report: the mean of its window. None, as the next, once its iteration is trained again."""
        self.test_loss: float | None = None
        self._reported = 0
        self._lines = LineReader(run.events)

    def read(self, until: float = math.inf) -> bool:
        """Whether all there is was read: it is not when the clock (`time.monotonic`) has passed `until` before."""
        while lines := self._lines.new_lines(_PIECE):
            self.version += 1
            for line in lines:
                if (body := _body(line)) is not None:
                    self._take(body)
            if time.monotonic() > until:
                return False
        return True

    def _take(self, body: dict[str, Any]) -> None:
        """An event as plain values. One that lacks what it should have is passed over."""
        try:
            loss = float(body["loss"])
            match body["event"]:
                case "step":
                    iteration, tokens, seconds = _count(body["iteration"]), _count(body["tokens"]), body["seconds"]
                    self._forget_from(iteration)
                    self.curve.step(iteration, loss, tokens, seconds if 0 <= seconds < math.inf else 0.0)
                case "validation":
                    self.curve.validation(_count(body["iteration"]), loss)
                case "report":
                    self._reported, self.train_loss = _count(body["iteration"]), loss
                case "tested":
                    self.test_loss = loss
        except (KeyError, TypeError, ValueError):
            return

    def _forget_from(self, iteration: int) -> None:
        if iteration <= self._reported:
            self._reported, self.train_loss = 0, None
        if len(self.curve) and iteration <= self.curve.iterations[-1]:
            self.test_loss = None


def _body(line: bytes) -> dict[str, Any] | None:
    """`app.wire.events.decode` makes an object of each event, which takes several times as long."""
    if not line.startswith(_WANTED):
        return None
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _LARGEST:
        raise ValueError
    return value
