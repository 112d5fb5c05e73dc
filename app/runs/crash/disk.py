"""A disk that is full, or a quota that is used up."""

import re

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence
from app.runs.wording import size

CODE = "disk_full"
_FULL = re.compile(
    r"no space (?:is )?left on|could not be written whole|disk is full|Disk quota exceeded|\[write\] Unable to write"
    r"|\[Errno (?:28|122|69)\]",
    re.IGNORECASE,
)
"""MLX's own words are of mlx/io/load.h; 28 is ENOSPC, and 122 and 69 are EDQUOT on Linux and on macOS."""
_PLACE = re.compile(r"/[^:'\n]+")
_NOTHING = 1 << 20
"""Free bytes below which nothing of a run can be written."""


def recognise(evidence: Evidence) -> Cause | None:
    if _FULL.search(evidence.last_words):
        found = _PLACE.search(evidence.reason)
        where = found.group() if found else evidence.value("adapter_path")
        why = f"What belongs to {where} could not be written; what was saved before is whole."
    elif not evidence.recorded and evidence.free_disk is not None and evidence.free_disk < _NOTHING:
        where = evidence.folder
        why = f"Where {where} is, {size(evidence.free_disk)} are free: not even its end could be recorded."
    else:
        return None
    proposals = (
        Proposal(f"Free some space on the disk of {where}."),
        Proposal("Save less often by a higher save_every, or keep only the last checkpoints (keep_last)."),
        Proposal("Or let adapter_path lead to a disk with more room."),
    )
    return Cause(CODE, "The disk is full", why, proposals)
