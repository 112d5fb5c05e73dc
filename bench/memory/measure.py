"""`python -m bench.memory.measure CASE FOLDER`: mlx-lm's own peak of a case, from a process that did nothing else.

Prints one line of JSON: the peak of each iteration in bytes, weights included, and with it that of a validation before.
"""

import contextlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.lora import CONFIG_DEFAULTS, train_model
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.utils import load_model

from bench.memory.case import Case, decode


class Rows:
    """A set of rows of random tokens, as `mlx_lm.tuner.datasets.CacheDataset` takes one."""

    def __init__(self, case: Case, count: int):
        drawing = np.random.default_rng(0)
        self._rows = [drawing.integers(0, case.vocabulary, case.tokens).tolist() for _ in range(count)]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> list[int]:
        return self._rows[at]

    def process(self, row: list[int]) -> tuple[list[int], int]:
        return row, 0


class Meter(TrainingCallback):
    """`mx.get_peak_memory`, by iteration."""

    def __init__(self) -> None:
        self.peaks: list[int] = []

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        self.peaks.append(mx.get_peak_memory())
        mx.reset_peak_memory()


def measure(case: Case, folder: Path) -> list[int]:
    """Peaks of each iteration in bytes, the model at `folder` included."""
    model, _ = load_model(folder)
    args = SimpleNamespace(**CONFIG_DEFAULTS | case.config | {"adapter_path": str(folder / "adapters"), "model": ""})
    meter = Meter()
    mx.reset_peak_memory()
    train_model(args, model, Rows(case, 2 * case.batch), Rows(case, case.batch), meter)
    return meter.peaks


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        peaks = measure(decode(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps(peaks))
