"""The rows behind a configuration, read for the rules that look at them, with a line of progress."""

from dataclasses import replace
from pathlib import Path

from app.checks.context import Context
from app.cli.status_line import say
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.rows import RowCounts
from app.session.data_reading import count_tokens, scan_rows


def with_rows(context: Context, start: Path) -> Context:
    """With what a scan of the files finds: seconds for a gigabyte, and at once the next time."""
    if context.rows == RowCounts():
        return context
    found = scan_rows(context.config, start, tell_bytes)
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
    found = count_tokens(context.config, start, tell_rows)
    say("")
    return replace(context, lengths=found if isinstance(found, Lengths) else None)


def tell_bytes(done: int, total: int) -> None:
    say(f"reading … {done / max(1, total):.0%} of {total / 1e6:,.0f} MB")


def tell_rows(name: str, done: int) -> None:
    say(f"counting the tokens of {name} … {done:,} rows")
