"""A case measured and predicted. What was measured is kept, so that a bench that was stopped goes on."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import platformdirs

from app.memory.simulator.peak import Peak, peak_bytes
from app.memory.tracing import Tracer
from app.wire.tape import TraceRequest
from bench.memory.case import Case, encode

KEPT = Path(platformdirs.user_cache_dir("tunedeck-bench", appauthor=False)) / "memory"
"""Remove it to measure all anew."""


@dataclass(frozen=True)
class Result:
    """Errors are in percent of what was measured."""

    case: Case
    measured: Sequence[int]
    """Bytes, by iteration."""
    peak: Peak

    @property
    def first(self) -> int:
        """The peak of the first three updates."""
        return max(self.measured[: self.case.first_iterations])

    @property
    def error(self) -> float:
        return 100 * (self.peak.point / self.first - 1)

    @property
    def error_of_ten(self) -> float:
        return 100 * (self.peak.point / max(self.measured) - 1)


def result(case: Case, tracer: Tracer) -> Result:
    """Build the model, predict, and measure unless that is known."""
    with tempfile.TemporaryDirectory() as folder:
        _python("bench.memory.model", case, folder)
        tapes = tracer.trace(TraceRequest(folder, None, case.config, case.batch, case.width))
        measured = _kept(case, lambda: _python("bench.memory.measure", case, folder))
    return Result(case, json.loads(measured), peak_bytes(tapes))


def _kept(case: Case, measure: Callable[[], str]) -> str:
    versions = f"mlx {metadata.version('mlx')}, mlx-lm {metadata.version('mlx-lm')}"
    name = sha256(f"{versions}, {case.iterations} iterations, {encode(case)}".encode()).hexdigest()
    file = KEPT / f"{name[:16]}.json"
    if not file.exists():
        measured = measure()
        KEPT.mkdir(parents=True, exist_ok=True)
        file.write_text(measured)
    return file.read_text()


def _python(module: str, case: Case, folder: str) -> str:
    command = [sys.executable, "-m", module, encode(case), folder]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
