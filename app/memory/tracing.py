"""The tracer's process, seen from here: asked over a pipe, started when it is needed, replaced when it has died."""

import subprocess
from threading import Timer

from app.wire.process import engine_command, start_talking
from app.wire.tape import Tape, TraceRequest, decode_answer, encode_request

PATIENCE = 120.0
"""Seconds for one trace: a 3B model takes half of one, imports take three on a slow disk."""


class Untraceable(Exception):
    """Why a step cannot be traced, in one sentence."""


class Tracer:
    """Not for several threads at once."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def trace(self, request: TraceRequest) -> tuple[Tape, ...]:
        """Every phase of the step. Raises Untraceable, also when the process dies of the model."""
        answer = self._ask(encode_request(request))
        try:
            tapes = decode_answer(answer)
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise Untraceable("The tracer's process ended while it built this model's step.") from error
        if isinstance(tapes, str):
            raise Untraceable(tapes)
        return tapes

    def close(self) -> None:
        """End the process; the next trace starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _ask(self, request: str) -> str:
        process = self._running()
        assert process.stdin and process.stdout
        overdue = Timer(PATIENCE, process.kill)
        overdue.start()
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            return process.stdout.readline()
        except OSError:
            return ""
        finally:
            overdue.cancel()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._process = start_talking(engine_command("tracer"))
        return self._process
