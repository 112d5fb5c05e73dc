"""A row of the data that cannot be trained on."""

import re

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence

CODE = "data_row"
_ROW = re.compile(r"row (\d+) of the (train|valid|test) set is unlike row 1 \((.*)\)", re.DOTALL)
_LINE = re.compile(r"^(.+\.jsonl?:\d+): (.*)$", re.DOTALL)


def recognise(evidence: Evidence) -> Cause | None:
    """Both sentences are the trainer's own: `app.engine.loading`."""
    if row := _ROW.search(evidence.reason):
        number, name, problem = row.groups()
        file = (evidence.sets or {}).get(name)
        where = f"{file}:{number}" if file else f"row {number} of the {name} set"
        why = f"mlx-lm takes all rows to be like the first one, and this is not: {problem}."
    elif line := _LINE.match(evidence.reason):
        where, why = line.groups()
    else:
        return None
    proposals = (
        Proposal(f"Mend or remove {where}."),
        Proposal("`tunedeck data` (d on the forms) lists every odd row, so that all can be mended at once."),
    )
    return Cause(CODE, f"A row of the data broke it: {where}", why, proposals)
