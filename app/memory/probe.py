"""Measure a training's peak in a process of its own, which may die of it without harm to anybody."""

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.machine.backend import installed_backends, missing_backend
from app.machine.memory import resident
from app.wire.probe import (
    Measured,
    Message,
    OutOfMemory,
    ProbeRequest,
    Problem,
    Progress,
    Reached,
    decode,
    encode_request,
    tells_of_memory,
)
from app.wire.process import engine_command

_LOOK_EVERY = 0.1
"""Seconds between two looks at the process, and until a cancel is heard."""
_PATIENCE = 5.0
"""Seconds for the process to end once it has answered."""
_LAST_WORDS = 4000
"""Bytes of standard error that are looked at: where a C++ program says what it died of."""


@dataclass(frozen=True)
class DiedOfMemory:
    """There was not enough memory. That is a result: the peak is more than was reached."""

    reached_bytes: int
    """MLX's peak when it was last heard of, as `mx.get_peak_memory` counts: what is needed is certainly not less."""
    resident_bytes: int
    """The most that the process was seen to hold of the computer's memory; what a Mac's GPU holds is not in it."""
    during: str
    """The phase: load, dataset or train."""
    words: str


@dataclass(frozen=True)
class Cancelled:
    """It was given up, and nothing is left of it."""


ProbeResult = Measured | DiedOfMemory | Problem | Cancelled


def probe(
    config: Mapping[str, Any],
    start_directory: Path,
    on_progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
    width: int | None = None,
) -> ProbeResult:
    """Train a few iterations of a native configuration on the widest batch of its data, and tell the peak.

    Takes from seconds to minutes; returns within a moment once `cancelled` says so. Rows of `width` tokens are made up
    where the data cannot be loaded. Nothing is written where the configuration says, and nothing is downloaded. The
    process is gone when this returns or raises; when the app is killed, it ends by itself.
    """
    if problem := missing_backend():
        return Problem(problem)
    with tempfile.TemporaryDirectory(prefix="tunedeck-probe-", ignore_cleanup_errors=True) as scratch:
        stderr = Path(scratch) / "stderr"
        try:
            process = _start(start_directory, stderr)
        except OSError as error:
            return Problem(f"The probe cannot start in {start_directory}: {error.strerror}.")
        watch = _Watch(process, on_progress, cancelled)
        try:
            finished = watch.follow(encode_request(ProbeRequest(config, width, scratch)))
        finally:
            _end(process)
        return _result(watch, _tail(stderr)) if finished else Cancelled()


@dataclass
class _Watch:
    """Follows a probe to its end."""

    process: subprocess.Popen
    on_progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]
    phase: str = "load"
    reached: int = 0
    resident: int = 0
    answer: Message | None = None
    _torn: bytes = field(default=b"", init=False)

    def follow(self, request: bytes) -> bool:
        """Until the process has ended; False when it was cancelled before that."""
        import psutil  # 60 ms that the app's first paint need not wait for

        assert self.process.stdin and self.process.stdout
        looked_at = psutil.Process(self.process.pid)  # not reaped before this returns, so it is there
        with suppress(BrokenPipeError):
            self.process.stdin.write(request)
            self.process.stdin.flush()
        output, looked = self.process.stdout.fileno(), 0.0
        while True:
            if self.cancelled():
                return False
            if select.select([output], [], [], _LOOK_EVERY)[0]:
                if not (read := os.read(output, 65536)):
                    break
                self._read(read)
            if time.monotonic() - looked >= _LOOK_EVERY:
                self.resident = max(self.resident, resident(looked_at))
                looked = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_PATIENCE)
        return True

    def _read(self, read: bytes) -> None:
        *lines, self._torn = (self._torn + read).split(b"\n")
        for line in lines:
            match decode(line):
                case Progress() as progress:
                    self.phase = progress.phase
                    self.on_progress(progress)
                case Reached(bytes=reached):
                    self.reached = reached
                case None:
                    pass
                case answer:
                    self.answer = answer


def _start(start_directory: Path, stderr: Path) -> subprocess.Popen:
    with stderr.open("wb") as errors:
        return subprocess.Popen(
            engine_command("probe"),
            stdin=subprocess.PIPE,  # held open: the engine ends when it closes, however the app ends
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=start_directory,
            env=os.environ | {"AGX_RELAX_CDM_CTXSTORE_TIMEOUT": "1", "TOKENIZERS_PARALLELISM": "true"},
            start_new_session=True,
        )


def _end(process: subprocess.Popen) -> None:
    """Kill the process unless it has ended, and reap it.

    Not its group: a compiler that it has just started must finish, within a second or so, for the half of a kernel that
    it would leave in MLX's cache is what every later training would load (mlx/backend/cpu/compiled.cpp).
    """
    process.kill()
    with suppress(BrokenPipeError):
        process.communicate()


def _result(watch: _Watch, last_words: str) -> ProbeResult:
    match watch.answer:
        case Measured() | Problem() as answer:
            return answer
        case OutOfMemory(bytes=needed, words=words):
            return DiedOfMemory(max(watch.reached, needed), watch.resident, watch.phase, words)
    code = watch.process.returncode
    if how := _death_of_memory(-code, last_words):
        return DiedOfMemory(watch.reached, watch.resident, watch.phase, how)
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    line = last_words.splitlines()[-1] if last_words else "it said nothing"
    return Problem(f"The probe {how} during {watch.phase}: {line}")


def _death_of_memory(number: int, last_words: str) -> str | None:
    """How a signal means that there was not enough memory; None when it does not."""
    match number:
        case signal.SIGKILL:
            return "the system ended it, as it does when memory runs out"
        case signal.SIGABRT if tells_of_memory(last_words):
            return "MLX gave up for want of memory"
        case signal.SIGSEGV if installed_backends() == ("cpu",):
            # MLX's allocator for processors hands on what malloc gave, a null too (mlx/backend/no_gpu/allocator.cpp).
            return "the system refused memory, which MLX on a processor does not survive"
    return None


def _tail(file: Path) -> str:
    try:
        return file.read_bytes()[-_LAST_WORDS:].decode(errors="replace").strip()
    except OSError:
        return ""
