"""Following one run from a screen: what is read off the loop, and what is folded in on it.

`read` touches the disk and belongs in a thread; `fold` is pure and short and belongs to whoever draws.
"""

import time
from dataclasses import dataclass

from app.machine.memory import SystemMemory, process_memory, system_memory
from app.runs.crash.cause import Proposal
from app.runs.crash.report import CrashReport
from app.runs.folder import RunError, manifest
from app.runs.follow import EventReader, LogTail
from app.runs.history import History
from app.runs.listing import RunSummary, summarize
from app.wire.events import Event
from app.wire.run_folder import RunFolder

EVENTS_A_READ = 5_000
"""Folding this many takes some 10 ms; a longer past is folded before it is shown, in the reading thread."""

_SILENT_FROM = 30
"""Seconds: a step takes less, but where rows are the longest and the machine is the slowest."""


@dataclass(frozen=True)
class Reading:
    """What one look at the run folder and the machine found."""

    summary: RunSummary
    events: list[Event]
    log: list[str]
    memory: SystemMemory
    trainer_memory: int | None
    """Resident bytes of the trainer, None once it has ended."""
    past: History | None = None
    """The whole story so far, on the first look."""
    silence: int = 0
    """Seconds since the trainer last told anything, in steps of ten; 0 below half a minute, and once it has ended."""


class Watch:
    def __init__(self, folder: RunFolder):
        self.folder = folder
        self.history = History()
        self.reading: Reading | None = None
        self._events = EventReader(folder.events)
        self._log = LogTail(folder.log)
        self._past: History | None = History()
        self.expected_peak: int | None = None
        """Bytes that MLX's peak should not pass, as estimated when the run began; None where it was not."""
        self.asked_to_end = ""
        """STOP or PAUSE, once somebody at this screen has asked that of the run."""
        self.busy = False
        """True while a thread reads, so that no second one starts."""

    @property
    def live(self) -> bool:
        """True until a look has found the trainer gone and its last words read."""
        return self.reading is None or self.reading.summary.alive or bool(self.reading.events)

    @property
    def crash(self) -> CrashReport | None:
        """Why it died or failed, once that is known."""
        return self.reading.summary.crash if self.reading else None

    @property
    def mendable(self) -> tuple[Proposal, ...]:
        """What its report proposes that is a matter of values."""
        return tuple(each for each in self.crash.proposals if each.changes) if self.crash else ()

    @property
    def goes_on(self) -> bool:
        """Whether the run has more to say; its process may outlive its last word for a moment."""
        return self.live and self.history.ended is None

    @property
    def can_be_resumed(self) -> bool:
        return not self.live and self.reading is not None and self.reading.summary.state not in ("finished", "queued")

    def read(self) -> Reading:
        """One look. The first reads the whole past, so that it appears at once rather than replayed.

        Whether the trainer lives is asked before its events are read: once it is dead, all it said is read.
        """
        summary = summarize(self.folder)
        past = self._past
        if past is not None:
            self.expected_peak = _expected_peak(self.folder)
            self._events.read_past(past)
        self._past = None
        return Reading(
            summary=summary,
            events=[] if past else self._events.read_new(limit=EVENTS_A_READ),
            log=self._log.read(),
            memory=system_memory(),
            trainer_memory=process_memory(summary.pid) if summary.alive and summary.pid else None,
            past=past,
            silence=_silence(self.folder) if summary.alive else 0,
        )

    def fold(self, reading: Reading) -> bool:
        """Takes a reading in; True when something that a screen shows has changed."""
        before = self.reading
        self.reading = reading
        if reading.past is not None:
            self.history = reading.past
            return True
        for event in reading.events:
            self.history.apply(event)
        return bool(reading.events) or before is None or _shown(before) != _shown(reading)


def _expected_peak(folder: RunFolder) -> int | None:
    try:
        expected = manifest(folder).get("expected_peak")
    except RunError:
        return None
    return expected if isinstance(expected, int) else None


def _silence(folder: RunFolder) -> int:
    try:
        quiet = int(time.time() - folder.events.stat().st_mtime)
    except OSError:
        return 0
    return quiet // 10 * 10 if quiet >= _SILENT_FROM else 0


def _shown(reading: Reading) -> tuple:
    return (reading.summary, reading.log, reading.memory, reading.trainer_memory, reading.silence)
