"""Metal's handles: macOS lets a process hold some 499,000 buffers, however small (mlx#1718 made MLX say so).

mlx-lm#1185: in training they pile up over the steps with some models, while memory stays as it is; a new process begins
with none.
"""

import re

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence
from app.runs.crash.smaller_steps import LEAST_LENGTH

CODE = "handle_limit"
_LIMIT = re.compile(r"\[metal::malloc\] Resource limit \((\d+)\) exceeded")


def recognise(evidence: Evidence) -> Cause | None:
    found = _LIMIT.search(evidence.last_words)
    if found is None:
        return None
    why = (
        f"Metal lets a process hold {int(found.group(1)):,} buffers, and they pile up over the steps with some models "
        "(mlx-lm#1185); memory is not the matter."
    )
    proposals = (
        Proposal("Resume it: a new process begins with no buffers."),
        Proposal("Save more often than it dies, by a lower save_every, so that each part gets further."),
        *_fewer(evidence),
    )
    return Cause(CODE, "The GPU ran out of handles", why, proposals)


def _fewer(evidence: Evidence) -> tuple[Proposal, ...]:
    length = evidence.value("max_seq_length")
    if not isinstance(length, int) or length <= LEAST_LENGTH:
        return ()
    words = f"Lower max_seq_length from {length} to {length // 2}, which may pile up fewer."
    return (Proposal(words, (("max_seq_length", length // 2),)),)
