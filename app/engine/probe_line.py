"""The probe's line to whoever asked: messages out, how far it has come meanwhile, and an end when nobody listens."""

import os
import select
import shutil
import threading
import time
from collections.abc import Callable

from app.wire.probe import Message, Progress, Reached, encode

_EVERY = 0.1
"""Seconds between two looks at the meter: what a killed probe had reached is known to this."""


class ProbeLine:
    """Takes standard output for messages alone: what mlx-lm prints goes to standard error from now on."""

    def __init__(self, scratch: str | None):
        self.meter: Callable[[], int] = lambda: 0
        """MLX's peak so far, in bytes, once it is imported."""
        self._scratch = scratch
        self._output = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()
        self._phase, self._told = ("", ""), 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def tell(self, message: Message) -> None:
        """Nobody to tell it to is as good as a closed standard input."""
        try:
            with self._lock:
                os.write(self._output, encode(message))
        except OSError:
            self._leave()

    def phase(self, name: str, detail: str = "", done: int = 0, total: int = 0) -> None:
        """Enter a phase, or tell how far it is: at most every 0.1 s, and when it is complete."""
        now = time.monotonic()
        if (name, detail) == self._phase and now - self._told < _EVERY and done != total:
            return
        self._phase, self._told = (name, detail), now
        self.tell(Progress(name, detail, done, total))

    def reached(self, refused: int) -> int:
        """Bytes that were needed when an allocation of `refused` bytes was not granted: at least these."""
        import mlx.core as mx

        return max(self.meter(), mx.get_active_memory() + refused)

    def _watch(self) -> None:
        """`os.read` and no file object: a thread that sits in one keeps the interpreter from ending."""
        last = 0
        while True:
            if select.select([0], [], [], _EVERY)[0] and not os.read(0, 4096):
                self._leave()
            if (now := self.meter()) != last:
                self.tell(Reached(now))
                last = now

    def _leave(self) -> None:
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
        os._exit(1)
