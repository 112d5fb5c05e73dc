"""Watches a trainer from outside: memory that runs out, and silence. It needs no screen."""

import math
import time
from dataclasses import asdict

from app.engine.event_log import EventLog
from app.machine.memory import SystemMemory, process_memory, system_memory
from app.machine.pressure import pressure
from app.machine.shortage import Shortage, shortage
from app.wire.events import Note
from app.wire.files import read_json, write_lightly
from app.wire.pulse import Pulse
from app.wire.run_folder import RunFolder
from app.wire.run_options import options_from

SILENCE = 300.0
"""Seconds without a word from a trainer after which it may hang. It tells of every micro-batch, and the slowest machine
takes some tens of seconds for one of the longest rows."""


class Guard:
    """`look` every few seconds; `pulse` is what the last look saw."""

    def __init__(self, run: RunFolder, trainer: int):
        self._run, self._trainer = run, trainer
        self._pauses = options_from((read_json(run.manifest) or {}).get("options")).pause_on_memory
        self._shortage = Shortage.NONE
        self._heard, self._heard_at = -1, 0.0
        self.pulse: Pulse | None = None

    def look(self) -> bool:
        """One look. True, once, where the trainer is to pause."""
        memory, resident = system_memory(), process_memory(self._trainer, with_children=False)
        if not resident:
            return False
        highest = max(resident, self.pulse.highest if self.pulse else 0)
        self.pulse = Pulse(time.time(), resident, highest, memory.total, memory.available, memory.swap_used)
        write_lightly(self._run.pulse, asdict(self.pulse))
        self._listen()
        return self._watch_memory(memory, resident)

    def _watch_memory(self, memory: SystemMemory, resident: int) -> bool:
        """A warning for each step of the way down, and none for the way back."""
        before, self._shortage = self._shortage, shortage(memory, pressure())
        if self._shortage <= before:
            return False
        pauses = self._pauses and self._shortage is Shortage.OUT
        self._warn(
            f"This computer's memory runs out: {memory.available / 1e9:.1f} of {memory.total / 1e9:.0f} GB are free, "
            f"and the trainer holds {resident / 1e9:.1f}. "
            + ("The run pauses." if pauses else "Close other programs, or pause the run.")
        )
        return pauses

    def _listen(self) -> None:
        """By a clock that nobody sets."""
        now, told = time.monotonic(), self._told()
        if told != self._heard:
            self._heard, self._heard_at = told, now
        elif now - self._heard_at > SILENCE:
            self._warn(
                f"The trainer has not said a word for {(now - self._heard_at) / 60:.0f} minutes, so it may hang. Pause "
                "it; if it does not, end it at once and resume from its last checkpoint."
            )
            self._heard, self._heard_at = self._told(), math.inf  # once is enough until it speaks again

    def _told(self) -> int:
        """Bytes of events so far."""
        try:
            return self._run.events.stat().st_size
        except OSError:
            return 0

    def _warn(self, text: str) -> None:
        EventLog(self._run.events).write(Note(time.time(), "warning", text))
