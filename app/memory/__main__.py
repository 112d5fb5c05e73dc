"""`python -P -m app.memory FOLDER`: the helper that traces and simulates beside the app, in a process of its own.

A job a line on its input, answers on its output. The newest job counts: an older one is left where it is.
FOLDER keeps the traces between starts.
"""

import json
import sys
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from app.memory.environment import environment
from app.memory.estimating import estimate, queue_of
from app.memory.helper_lines import Answer, encode_answer, job_of_line
from app.memory.trace_store import load_trace, save_trace
from app.memory.tracing import Tracer, Untraceable


def main(folder: Path) -> int:
    """Answers until the input ends."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    Thread(target=_read, args=(lines,), daemon=True).start()
    here, tracer = environment(), Tracer()
    try:
        while (line := _newest(lines)) is not None:
            _answer(json.loads(line), str(here), here.backend, tracer, folder, lines)
    finally:
        tracer.close()
    return 0


def _answer(
    request: dict[str, Any], here: str, backend: str, tracer: Tracer, folder: Path, lines: "SimpleQueue[str | None]"
) -> None:
    job = job_of_line(request)
    structure = job.structure(here)
    kept = load_trace(folder, structure)
    if kept is not None and kept.at(job.point, job.validation) is not None:
        _say(Answer(structure, traced=kept))
        return
    try:
        for traced in estimate(job, structure, tracer, queue_of(backend), lines.empty):
            _say(Answer(structure, traced=traced))
        save_trace(folder, traced)
    except Untraceable as error:
        _say(Answer(structure, problem=str(error)))


def _say(answer: Answer) -> None:
    print(encode_answer(answer), flush=True)


def _read(lines: "SimpleQueue[str | None]") -> None:
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)


def _newest(lines: "SimpleQueue[str | None]") -> str | None:
    line = lines.get()
    while line is not None:
        try:
            line = lines.get_nowait()
        except Empty:
            break
    return line


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
