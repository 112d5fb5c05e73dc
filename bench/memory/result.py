"""A case measured and predicted. What was measured is kept, so that a bench that was stopped goes on."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import platformdirs

from app.memory.simulator.peak import Peak, of_few_updates, peak_bytes
from app.memory.tracing import Tracer
from app.wire.tape import TraceRequest
from bench.memory.case import Case, encode

KEPT = Path(platformdirs.user_cache_dir("tunedeck-bench", appauthor=False)) / "memory"
"""Remove it to measure all anew."""


FEW, MANY = 3, 10
"""Updates of which each finds the queue of kernels in another state; the first three meet few."""
FAR = 2.0
"""Percent above what three updates needed: then it is seen what many need."""


@dataclass(frozen=True)
class Result:
    """Bytes."""

    case: Case
    measured: int
    """The most of any iteration of three updates."""
    of_many: int | None
    """The same of ten, where the prediction is far above three."""
    peak: Peak

    def predicted(self, updates: int) -> int:
        return of_few_updates(self.peak.point, self.peak.low, updates)

    @property
    def error(self) -> float:
        return self.error_to(self.measured, FEW)

    def error_to(self, measured: int, updates: int) -> float:
        """In percent of what was measured in so many updates."""
        return 100 * (self.predicted(updates) / measured - 1)


def result(case: Case, tracer: Tracer) -> Result:
    """Build the model, predict, and measure unless that is known."""
    with tempfile.TemporaryDirectory() as folder:
        _python("bench.memory.model", case, folder)
        peak = peak_bytes(tracer.trace(TraceRequest(folder, None, case.config, case.batch, case.width)))
        first = Result(case, _measured(case, folder), None, peak)
        if first.error <= FAR:
            return first
        many = replace(case, training={**case.training, "iters": MANY * case.accumulated})
        return replace(first, of_many=_measured(many, folder))


def _measured(case: Case, folder: str) -> int:
    return max(json.loads(_kept(case, lambda: _python("bench.memory.measure", case, folder))))


def _kept(case: Case, measure: Callable[[], str]) -> str:
    versions = f"mlx {metadata.version('mlx')}, mlx-lm {metadata.version('mlx-lm')}"
    file = KEPT / f"{sha256(f'{versions}, {encode(case)}'.encode()).hexdigest()[:16]}.json"
    if not file.exists():
        measured = measure()
        KEPT.mkdir(parents=True, exist_ok=True)
        file.write_text(measured)
    return file.read_text()


def _python(module: str, case: Case, folder: str) -> str:
    command = [sys.executable, "-m", module, encode(case), folder]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
