"""The tracer's process: a request a line on its input, an answer a line on its output, until the input ends."""

import os
import sys
from typing import Any, TextIO

from app.engine.failures import reason
from app.wire.tape import decode_request, encode_answer, encode_problem


def serve() -> int:
    """Answer every line. What cannot be traced is an answer too."""
    answers = _take_stdout()
    os.environ["HF_HUB_OFFLINE"] = "1"  # a trace is of what is here: nothing is ever fetched for it
    from app.engine.tracing.tracer import Tracer

    tracer = Tracer()
    for line in sys.stdin:
        print(_answer(tracer, line), file=answers, flush=True)
    return 0


def _answer(tracer: Any, line: str) -> str:
    try:
        return encode_answer(tracer.trace(decode_request(line)))
    except Exception as error:
        return encode_problem(reason(error))


def _take_stdout() -> TextIO:
    """The output for answers alone: whatever mlx-lm prints goes to stderr from now on."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers
