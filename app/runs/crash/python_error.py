"""What Python itself says: a failure that was foreseen is a sentence already, all else is an error with its type."""

import re

from app.runs.crash.cause import Cause, Proposal, in_short
from app.runs.crash.evidence import Evidence
from app.runs.crash.trace import place_of

_TYPED = re.compile(r"(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration)\b")


def recognise(evidence: Evidence) -> Cause | None:
    last = evidence.reason or _last_error(evidence)
    if not last:
        return None
    if not _TYPED.match(last):
        return Cause("foreseen", last.rstrip("."), "")
    place = place_of(evidence.trace)
    why = f"It came from {place}." if place else "The log does not say where."
    proposals = (
        Proposal("Look whether the values and the data are what this model takes: Review (v) tells what it finds odd."),
        Proposal("If it comes again, report it with the trace, which says where."),
    )
    return Cause("python_error", f"An error that nobody foresaw: {in_short(last.rstrip('.'))}", why, proposals)


def otherwise(evidence: Evidence) -> Cause:
    """Nothing is known but that it ended."""
    code = f" (exit code {evidence.code})" if evidence.code is not None else ""
    return Cause("unknown", f"The trainer ended without a word{code}", "Its log does not say why either.")


def _last_error(evidence: Evidence) -> str:
    """The last line of a trace; one that Python printed while it ended may stand alone."""
    return next((line for line in reversed(evidence.trace) if _TYPED.match(line)), "")
