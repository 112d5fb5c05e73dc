"""Tells the run as it goes: every event to `events.jsonl`, the telling ones to the log as plain lines."""

import time

from app.engine.event_log import EventLog, say
from app.wire.events import Checkpoint, Ended, Event, Model, Note, Phase, Report, Tested, Validation

_PROGRESS_EVERY = 0.2
"""Seconds between two events of progress within a phase: as often as a screen repaints."""


class Narrator:
    """The one voice of the trainer."""

    def __init__(self, log: EventLog):
        self._log = log
        self._phase: tuple[str, str] | None = None
        self._progressed = 0.0

    def tell(self, event: Event) -> None:
        self._log.write(event)
        line = _line(event)
        if line:
            say(line)

    def warn(self, text: str) -> None:
        self.tell(Note(time.time(), "warning", text))

    def phase(self, name: str, detail: str = "", done: int = 0, total: int = 0) -> None:
        """Enter a phase, or tell how far it is: at most every 0.2 s, and when it is complete."""
        now = time.monotonic()
        entered = (name, detail) != self._phase
        if not entered and now - self._progressed < _PROGRESS_EVERY and done != total:
            return
        self._phase, self._progressed = (name, detail), now
        self._log.write(Phase(time.time(), name, detail, done, total))
        if entered:
            say(f"{name}: {detail}" if detail else name)


def _line(event: Event) -> str | None:
    match event:
        case Model():
            share = 100 * event.trainable / event.parameters
            return f"{event.trainable:,} of {event.parameters:,} parameters train ({share:.3f}%)"
        case Report():
            return (
                f"iteration {event.iteration}: train loss {event.loss:.3f}, rate {event.learning_rate:.3e}, "
                f"{event.iterations_per_second:.3f} it/s, {event.tokens_per_second:.1f} tokens/s, "
                f"{event.trained_tokens} tokens, peak {event.peak_memory / 1e9:.3f} GB"
            )
        case Validation():
            return f"iteration {event.iteration}: validation loss {event.loss:.3f} in {event.seconds:.1f} s"
        case Checkpoint():
            return f"iteration {event.iteration}: saved {event.path}"
        case Tested():
            return f"test loss {event.loss:.3f}, perplexity {event.perplexity:.3f}"
        case Note():
            return f"{event.level}: {event.text}"
        case Ended():
            return f"{event.outcome} at iteration {event.iteration}" + (f": {event.reason}" if event.reason else "")
    return None
