"""What goes wrong by the numbers alone: pure, and cheap enough for every keystroke."""

from collections.abc import Iterator

from app.checks.finding import Finding
from app.config.config import Config, Origin
from app.config.derived import Derived
from app.data.rows import RowCounts


def number_findings(config: Config, derived: Derived, rows: RowCounts) -> tuple[Finding, ...]:
    """Findings on iterations, updates, rows and rates; nothing is said of rows that are not known."""
    return (*_updates(config, derived), *_batch(config, rows), *_rate(config))


def _updates(config: Config, derived: Derived) -> Iterator[Finding]:
    iters, group = config.values["iters"], config.values["grad_accumulation_steps"]
    if config.values["train"] and derived.updates == 0:
        yield Finding(
            "error",
            "iters",
            f"iters {iters} is below grad_accumulation_steps {group}, so no update is ever made and the saved adapter"
            f" is untrained: raise iters to at least {group}.",
        )
    elif derived.thrown_away:
        yield Finding(
            "note",
            "iters",
            f"The last {derived.thrown_away} of {iters} iterations reach no update: make iters a multiple of {group}.",
        )


def _batch(config: Config, rows: RowCounts) -> Iterator[Finding]:
    batch = config.values["batch_size"]
    for split, count in (("train", rows.train), ("valid", rows.valid)):
        if count and count < batch:
            yield Finding(
                "error",
                "batch_size",
                f"{split}.jsonl has {count} rows, fewer than batch_size {batch}: set batch_size to {count} or less, or"
                " add rows.",
            )


def _rate(config: Config) -> Iterator[Finding]:
    if config.values["lr_schedule"] and config.origins["learning_rate"] is not Origin.DEFAULT:
        yield Finding("note", "learning_rate", "lr_schedule decides the rate, so learning_rate is not used.")
