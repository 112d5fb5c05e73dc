"""The memory helper, seen from the app: asked at once, heard later, replaced when it has died."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

from app.memory.helper_lines import Answer, decode_answer, encode_job
from app.memory.job import Job
from app.wire.process import start_talking

DIED = "The helper that traces training steps died of this one: its memory is not known."


class Helper:
    """`hear` is called in a thread of the helper's, for each answer in turn."""

    def __init__(self, folder: Path, environment: str, hear: Callable[[Answer], None]):
        """`folder` keeps traces between starts."""
        self._folder, self._environment, self._hear = folder, environment, hear
        self._process: subprocess.Popen[str] | None = None
        self._asked: str | None = None
        """The structure that no answer has come for."""
        self._lock = Lock()

    def ask(self, job: Job) -> None:
        """Ask for a job's trace, instead of any asked for before. Blocks for the start of a process at most."""
        with self._lock:
            self._asked = job.structure(self._environment)
            try:
                process = self._running()
                assert process.stdin
                process.stdin.write(encode_job(job) + "\n")
                process.stdin.flush()
            except OSError:  # it died this very moment: whoever listens to it tells
                pass

    def close(self) -> None:
        """End the process, and with it the tracer that it holds."""
        with self._lock:
            self._asked = None
            if self._process is not None:
                self._process.kill()
                self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = start_talking([sys.executable, "-P", "-m", "app.memory", str(self._folder)])
            Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            try:
                answer = decode_answer(line)
            except (ValueError, KeyError, TypeError):
                continue  # torn by the end of the process
            if answer.structure == self._asked:
                self._asked = None
            self._hear(answer)
        process.wait()
        with self._lock:
            unanswered = self._asked if process is self._process else None
        if unanswered is not None:
            self._hear(Answer(unanswered, problem=DIED))
