"""A crash report in plain lines."""

from collections.abc import Iterator

from app.runs.listing import RunSummary
from app.runs.resume import resume_points
from app.wire.text import printable


def crash_lines(run: RunSummary) -> Iterator[str]:
    """What happened, why, the memory then, what mends it and how to go on; the trace stays in the log.

    Nothing for a failure that was foreseen: its one sentence, which the run's last event tells, says it all.
    """
    report = run.crash
    if report is None or report.code == "foreseen":
        return
    yield f"✗ {printable(report.title)}."
    for sentence in filter(None, (report.why, report.memory)):
        yield f"  {printable(sentence)}"
    if report.proposals:
        yield "  What to do:"
    for proposal in report.proposals:
        yield f"  - {printable(proposal.words)}"
    yield "  " + " ".join(filter(None, (report.kept, _going_on(run))))
    if report.trace:
        yield f"  The trace is at the end of {printable(str(run.folder.log))}."


def _going_on(run: RunSummary) -> str:
    if not resume_points(run.folder):
        return f"To begin again: tunedeck train {printable(run.source or 'FILE')}"
    command = f"tunedeck resume {printable(run.id)}"
    changes = run.crash is not None and any(proposal.changes for proposal in run.crash.proposals)
    return f"To go on: {command}" + (", or --with FILE for changed values." if changes else "")
