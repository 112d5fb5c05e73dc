"""Runs that wait for a person to take them up, and those that will not be for now."""

import time

from app.runs.afterwards import tell_afterwards
from app.runs.listing import summarize
from app.wire.events import Ended
from app.wire.run_folder import RunFolder


def is_paused(run: RunFolder) -> bool:
    """Whether the run waits for a person to take it up."""
    return summarize(run).state == "paused"


def stop_paused(run: RunFolder) -> bool:
    """Let a paused run count as stopped, so that no queue waits for it; it can be taken up all the same.

    False for a run that is not paused. Raises OSError when its folder cannot be written.
    """
    summary = summarize(run)
    if summary.state == "paused":
        tell_afterwards(run, Ended(time.time(), "stopped", summary.iteration))
    return summary.state == "paused"
