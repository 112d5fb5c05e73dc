"""The report of a death: the first recogniser that knows it, the memory, and what is kept."""

from dataclasses import dataclass

from app.runs.crash import (
    data_row,
    disk,
    handles,
    killed,
    lost,
    memory,
    not_finite,
    package,
    python_error,
    watchdog,
)
from app.runs.crash.cause import Proposal
from app.runs.crash.evidence import Evidence
from app.runs.crash.memory_words import memory_words

_IN_TURN = (
    disk.recognise,  # a full disk is why the end of such a run is not recorded
    lost.recognise,
    handles.recognise,
    watchdog.recognise,
    memory.recognise,
    not_finite.recognise,
    data_row.recognise,
    package.recognise,
    killed.recognise,
    python_error.recognise,
)


@dataclass(frozen=True)
class CrashReport:
    """Text of logs and names is in it as it is: whoever shows it must escape it."""

    code: str
    """The family, for scripts: out_of_memory, gpu_watchdog, handle_limit, loss_not_finite, disk_full, data_row,
    missing_package, killed, crashed, lost, foreseen, python_error or unknown."""
    title: str
    """What happened, without a full stop."""
    why: str
    proposals: tuple[Proposal, ...]
    memory: str
    """The memory at that time against the estimate, in sentences; empty when nothing is known."""
    kept: str
    """What was saved before, a sentence; empty when it trained nothing."""
    trace: tuple[str, ...]
    """The trace lines of the log, for whoever asks."""


def tell(evidence: Evidence) -> CrashReport:
    found = next((cause for each in _IN_TURN if (cause := each(evidence))), None)
    cause = found or python_error.otherwise(evidence)
    return CrashReport(
        code=cause.code,
        title=cause.title,
        why=cause.why,
        proposals=cause.proposals,
        memory="" if cause.code in _OF_THE_VALUES else memory_words(evidence),
        kept=_kept(evidence),
        trace=evidence.trace,
    )


_OF_THE_VALUES = ("foreseen", data_row.CODE, package.CODE)
"""Families in which memory has no part."""


def _kept(evidence: Evidence) -> str:
    if evidence.saved is not None:
        lost = evidence.iteration - evidence.saved
        less = f", {lost:,} before the end" if lost > 0 else ""
        return f"The last checkpoint is of iteration {evidence.saved:,}{less}."
    return "No checkpoint was saved." if evidence.iteration else ""
