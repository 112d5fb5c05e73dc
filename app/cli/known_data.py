"""The rows behind a configuration, read for the rules that look at them, with a line of progress."""

from dataclasses import replace
from pathlib import Path

from app.checks.context import Context
from app.cli.status_line import say
from app.config.config import native
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.lengths_learning import learn_lengths
from app.data.rows import RowCounts
from app.data.scan_learning import learn_dataset
from app.memory.trace_store import trace_folder


def with_rows(context: Context, start: Path) -> Context:
    """With what a scan of the files finds: seconds for a gigabyte, and at once the next time."""
    if context.rows == RowCounts():
        return context
    found = learn_dataset(
        start / str(context.values["data"]), native(context.config), trace_folder().with_name("scans"), _tell_bytes
    )
    say("")
    return replace(context, dataset=found if isinstance(found, DatasetFacts) else None)


def with_tokens(context: Context, start: Path) -> Context:
    """With the lengths of the rows in tokens, where the model is on this computer."""
    if (
        context.model is None
        or context.model.folder is None
        or not (context.rows.train or context.values["hf_dataset"])
    ):
        return context
    found = learn_lengths(native(context.config), start, trace_folder().with_name("lengths"), _tell_rows)
    say("")
    return replace(context, lengths=found if isinstance(found, Lengths) else None)


def _tell_bytes(done: int, total: int) -> None:
    say(f"reading the rows … {done / total:.0%}" if total else "reading the rows …")


def _tell_rows(name: str, done: int) -> None:
    say(f"counting the tokens of {name} … {done:,} rows")
