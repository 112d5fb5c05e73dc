"""What is read of a configuration's data, kept in this user's cache until files, model or fields change."""

from collections.abc import Callable
from pathlib import Path

from app.config.config import Config, native
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.memory.trace_store import trace_folder

Cancelled = Callable[[], bool]


def scan_rows(
    config: Config, start: Path, tell: Callable[[int, int], None], cancelled: Cancelled = lambda: False
) -> DatasetFacts | str | None:
    """Of the data, named as from `start`, in a process of its own: `tell` is given the bytes done and those of all.

    A sentence when nothing can be known; None when cancelled.
    """
    from app.data.scan_learning import learn_dataset

    data = start / str(config.values["data"])
    return learn_dataset(data, native(config), trace_folder().with_name("scans"), tell, cancelled)


def count_tokens(
    config: Config, start: Path, tell: Callable[[str, int], None], cancelled: Cancelled = lambda: False
) -> Lengths | str | None:
    """Of the rows, in an engine process: `tell` is given the set and the rows done.

    A sentence when they cannot be known; None when cancelled.
    """
    from app.data.lengths_learning import learn_lengths

    return learn_lengths(native(config), start, trace_folder().with_name("lengths"), tell, cancelled)
