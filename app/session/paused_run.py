"""The run that waits for somebody to take it up."""

from pathlib import Path

from app.runs.listing import RunSummary, list_runs


def newest_paused(runs_dir: Path) -> RunSummary | None:
    """The newest run that was paused and not taken up again; None where there is none."""
    return next((run for run in list_runs(runs_dir) if run.state == "paused"), None)
