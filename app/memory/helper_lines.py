"""What the app and its memory helper say to each other: a line of JSON each."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.memory.estimating import Traced
from app.memory.family import Point
from app.memory.job import Job
from app.memory.trace_store import traced_of


@dataclass(frozen=True)
class Answer:
    """Of a structure, what was traced, or the sentence on why it cannot be."""

    structure: str
    traced: Traced | None = None
    problem: str = ""


def encode_job(job: Job) -> str:
    """One line."""
    return json.dumps(asdict(job) | {"folder": str(job.folder)}, default=str)


def job_of_line(fields: dict[str, Any]) -> Job:
    """From the object in such a line."""
    validation = Point(**fields["validation"]) if fields["validation"] else None
    where = {"folder": Path(fields["folder"]), "point": Point(**fields["point"]), "validation": validation}
    return Job(**fields | where)


def encode_answer(answer: Answer) -> str:
    """One line."""
    return json.dumps(asdict(answer))


def decode_answer(line: str) -> Answer:
    """From such a line. Raises ValueError, KeyError or TypeError for any other."""
    fields = json.loads(line)
    traced = fields["traced"]
    return Answer(fields["structure"], traced_of(traced) if traced else None, fields["problem"])
