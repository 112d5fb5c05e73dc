"""A run's figures in words, the same on a screen and in plain lines."""

from app.runs.history import History
from app.runs.listing import RunSummary
from app.runs.queued import QueueState
from app.runs.resume import Resumption
from app.runs.units import duration, size
from app.wire.events import Phase, Report, Validation

PHASES = {
    "download": "downloading the model",
    "load": "loading",
    "dataset": "reading the dataset",
    "validate": "validating",
    "train": "training",
    "test": "testing",
    "save": "saving",
}


def phase(now: Phase) -> str:
    words = PHASES.get(now.name, now.name)
    if now.detail:
        words += f" {now.detail}"
    if not now.total or not now.done:
        return words
    if now.name == "download":
        return f"{words} · {size(now.done)} of {size(now.total)}"
    return f"{words} · {now.done} of {now.total}"


def report(line: Report) -> str:
    return (
        f"iteration {line.iteration:>6}  train loss {line.loss:.3f}  lr {line.learning_rate:.3e}"
        f"  {line.iterations_per_second:.2f} it/s  {line.tokens_per_second:.0f} tokens/s"
        f"  peak memory {size(line.peak_memory)}"
    )


def validation(line: Validation) -> str:
    return f"iteration {line.iteration:>6}  validation loss {line.loss:.3f}  ({duration(line.seconds)})"


def last_name(path: str) -> str:
    """`SmolLM3-3B` of a hub name or a folder."""
    return path.rstrip("/").rpartition("/")[2]


def state(run: RunSummary) -> str:
    """How a run fares, on one line: its state, how far it came, its last losses, and why it ended early."""
    parts = [run.state]
    if run.iters and run.state != "queued":
        parts.append(f"iteration {run.iteration} of {run.iters}")
    if run.train_loss is not None:
        parts.append(f"train loss {run.train_loss:.3f}")
    if run.validation_loss is not None:
        parts.append(f"validation loss {run.validation_loss:.3f}")
    why = run.crash.title if run.crash else run.how
    return ", ".join(parts) + (f": {why}" if why else "")


def resumption(planned: Resumption) -> list[str]:
    """What taking a run up comes to, a line for each thing worth knowing."""
    if planned.state is None:
        lines = [f"{planned.run.id} has nothing saved to go on from, so it begins again."]
    else:
        again = f"; the {planned.lost} after it are trained again" if planned.lost else ""
        asked = planned.asked
        saved = "" if asked in (None, planned.iteration) else f", the last one saved up to {asked}"
        lines = [f"{planned.run.id} goes on from iteration {planned.iteration}{saved}{again}."]
    lines += [f"changed: {path}: the run is not exactly what it would have been" for path in planned.changed_files]
    lines += [f"{change.key}: {change.before} -> {change.after}: {change.meaning}" for change in planned.changes]
    return lines


def queue(now: QueueState) -> str:
    """What the queued runs wait for, in one sentence."""
    if not now.waiting:
        return "Nothing is queued."
    if now.held_by:
        return f"The queue waits, since {now.held_by} is paused: resume that, or let the queue go on."
    if not now.worked_off:
        return "Nothing works on the queue, as after a restart of the computer: let it go on."
    return f"Next after {now.running.id}: {state(now.running)}." if now.running else "The next one begins now."


def remaining_seconds(history: History) -> float | None:
    """Time left for the iterations, at the pace of the last report; later validations are not counted."""
    if history.ended or not history.last_report or not history.iters:
        return None
    pace = history.last_report.iterations_per_second
    return (history.iters - history.iteration) / pace if pace > 0 else None


def best_validation(history: History) -> tuple[int, float] | None:
    """Iteration and loss of the lowest finite validation."""
    pairs = [(y, x) for x, y in zip(history.validations.x, history.validations.y, strict=True) if y - y == 0]
    if not pairs:
        return None
    value, iteration = min(pairs)
    return int(iteration), value
