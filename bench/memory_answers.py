"""How soon real models answer: the first time, and at each keystroke from then on.

One helper, already up, is asked about one model after another, as the app asks it.
"""

import json
import random
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from statistics import quantiles
from typing import Any

import psutil

from app.config.config import defaults, edit, native
from app.memory.calibration import Calibration
from app.memory.environment import environment
from app.memory.estimates import Estimates
from app.memory.estimating import Traced
from app.memory.family import Point
from app.memory.helper import Helper
from app.memory.helper_lines import Answer
from app.memory.job import Job
from bench.row import Row
from bench.shapes import SHAPES

POINT = Point(1, 1024)
KEYSTROKES = 1000
_TINY: dict[str, Any] = SHAPES["Llama-3.2-1B"] | {"num_hidden_layers": 2, "vocab_size": 512}


@dataclass(frozen=True)
class _Answered:
    """Seconds after the question, the last for the curves."""

    first: float
    last: float
    traced: Traced


def run() -> list[Row]:
    here, heard = environment(), SimpleQueue[tuple[float, Answer]]()
    with tempfile.TemporaryDirectory() as folder:
        helper = Helper(Path(folder), str(here), lambda answer: heard.put((time.perf_counter(), answer)))
        try:
            _ask(helper, _job("tiny", _TINY, folder), heard)
            rows = []
            for name, model_config in SHAPES.items():
                job = _job(name, model_config, folder)
                rows.append(_row(name, job, _ask(helper, job, heard)))
            return [*rows, _memory()]
        finally:
            helper.close()


def _job(name: str, model_config: dict[str, Any], folder: str) -> Job:
    model = Path(folder) / name
    model.mkdir()
    (model / "config.json").write_text(json.dumps(model_config))
    config = native(edit(defaults(), "num_layers", 2 if name == "tiny" else 16))
    return Job(model, False, model_config, config, POINT, model_identity=name)


def _ask(helper: Helper, job: Job, heard: "SimpleQueue[tuple[float, Answer]]") -> _Answered:
    asked, first = time.perf_counter(), 0.0
    helper.ask(job)
    while True:
        when, answer = heard.get(timeout=120)
        assert answer.traced, answer.problem
        first = first or when - asked
        if answer.traced.curves or answer.traced.is_alone:
            return _Answered(first, when - asked, answer.traced)


def _row(name: str, job: Job, answered: _Answered) -> Row:
    """What a keystroke asks, at random batches and widths: some are other graphs, and then there is no answer yet."""
    estimates, drawing = Estimates(environment(), Calibration(), None), random.Random(0)
    estimates.learn(answered.traced)
    took, found = [], None
    for _ in range(KEYSTROKES):
        other = replace(job, point=Point(1, drawing.randint(2, 4000)))
        began = time.perf_counter()
        found = estimates.known(other) or found
        took.append(time.perf_counter() - began)
    at_its_own = estimates.known(job)
    assert found and at_its_own and at_its_own.peak_bytes
    most = quantiles(took, n=20)[-1] * 1e3
    detail = f"curves after {answered.last:.1f} s; a keystroke {most:.2f} ms (95th percentile of {KEYSTROKES})"
    return Row(f"{name}, first answer", f"{answered.first:.2f} s", f"{at_its_own.peak_bytes / 1e9:.2f} GB; {detail}")


def _memory() -> Row:
    """Of the helper and of the tracer that it holds."""
    sizes = [child.memory_info().rss / 1e6 for child in psutil.Process().children(recursive=True)]
    return Row(
        "helper and its tracer, after all of them",
        f"{sum(sizes):.0f} MB",
        f"{', '.join(f'{size:.0f}' for size in sizes)}",
    )
