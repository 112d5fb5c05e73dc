"""What a run does or how it ended, in one line of plain text."""

from app.runs import units, wording
from app.runs.history import History
from app.runs.listing import RunSummary
from app.runs.stop import PAUSE, STOP
from app.session.watch import Watch
from app.ui.run_words import STATES
from app.wire.text import printable

RUNNING = "running"
_ASKED = {
    STOP: "stopping; ^x again ends it at once",
    PAUSE: "pausing at the next micro-batch",
}


def headline(summary: RunSummary, history: History, silence: int = 0, asked: str = "") -> str:
    """`silence` is how long it has told nothing, in s; `asked` is STOP or PAUSE once that was asked of it."""
    words, state = state_words(summary, history, asked), _state(summary, history)
    if state == RUNNING:
        words = f"▶ {_ASKED[asked]}" if asked else words
        return f"{words} · nothing heard for {units.duration(silence)}" if silence else words
    if state == "queued":
        return f"{words}: it waits for its turn"
    if summary.crash:
        return f"{words}: {printable(summary.crash.title)}"
    words += f" at iteration {history.iteration:,}"
    if state == "paused":
        return f"{words}; r resumes it"
    return f"{words}: {printable(summary.how)}" if state == "stopped" and summary.how else words


def state_words(summary: RunSummary, history: History, asked: str = "") -> str:
    """The state alone, for where there is no room for more."""
    state = _state(summary, history)
    if state != RUNNING:
        return f"{STATES[state][0]} {state}"
    if asked:
        return "▶ stopping" if asked == STOP else "▶ pausing"
    return f"▶ {printable(wording.phase(history.phase))}" if history.phase else "▶ starting"


def titles(watch: Watch) -> tuple[str, str]:
    """Headline and state for the title of every screen, with how far the run is while it goes on."""
    if watch.reading is None:
        return "", ""
    summary, history, asked = watch.reading.summary, watch.history, watch.asked_to_end
    share = f" {history.iteration / history.iters:.0%}" if history.iters and summary.alive else ""
    words = headline(summary, history, watch.reading.silence, asked)
    return words + share, state_words(summary, history, asked) + share


def _state(summary: RunSummary, history: History) -> str:
    """Its last word comes a moment before its process is gone."""
    if summary.state in ("queued", "paused", "stopped", "failed", "died"):
        return summary.state
    return history.ended.outcome if history.ended else RUNNING
