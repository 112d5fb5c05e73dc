"""Training speed of a run of ours against `mlx_lm.lora` on the same file, by the wall clock between reports.

Both sides are timed from their first report to their last, so that whatever we add to a step (events, losses,
state) counts against us; loading and the first validation do not count for either.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from app.runs.demo import prepare_demo
from app.wire.events import Report, decode
from bench.row import Row

ROUNDS = 9
ITERS = 120

STOCK = """
import json, sys, time
from mlx_lm import lora
from mlx_lm.tuner.callbacks import TrainingCallback
class Clock(TrainingCallback):
    def on_train_loss_report(self, info):
        print("REPORT", json.dumps([info["iteration"], info["trained_tokens"], time.time()]), flush=True)
plain = lora.train_model
lora.train_model = lambda args, model, train, valid, callback=None: plain(args, model, train, valid, Clock())
sys.argv = ["mlx_lm.lora", "-c", "bench.yaml"]
lora.main()
"""


def run() -> list[Row]:
    demo = prepare_demo()
    with tempfile.TemporaryDirectory() as scratch:
        config = (
            f"model: {demo.parent / 'model'}\ndata: {demo.parent / 'data'}\ntrain: true\niters: {ITERS}\n"
            f"batch_size: 4\nnum_layers: -1\nmax_seq_length: 128\nsteps_per_report: 10\nsteps_per_eval: 100000\n"
            f"save_every: 50\nval_batches: 1\nadapter_path: {scratch}/adapters\n"
        )
        (Path(scratch) / "bench.yaml").write_text(config)
        _ours(scratch), _stock(scratch)
        pairs = [_pair(scratch, ours_first=round % 2 == 0) for round in range(ROUNDS)]
    a, b = (median(side) for side in zip(*pairs, strict=True))
    ratios = sorted(x / y for x, y in pairs)
    detail = (
        f"{a:.0f} / {b:.0f} tokens/s, {ROUNDS} pairs of {ITERS} iterations, ratios {ratios[0]:.3f} to {ratios[-1]:.3f}"
    )
    return [Row("training tokens/s / mlx_lm.lora (at least 0.98)", f"{median(ratios):.3f}", detail)]


def _pair(scratch: str, ours_first: bool) -> tuple[float, float]:
    """Ours and stock's; they take turns in going first, since a busy machine slows down and recovers over minutes."""
    if ours_first:
        return _ours(scratch), _stock(scratch)
    stock = _stock(scratch)
    return _ours(scratch), stock


def _ours(scratch: str) -> float:
    command = [
        sys.executable,
        "-m",
        "app",
        "train",
        "bench.yaml",
        "--json",
        "--overwrite",
        "--runs-dir",
        f"{scratch}/runs",
    ]
    lines = _output(command, scratch).splitlines()
    reports = [event for line in lines if isinstance(event := decode(line), Report)]
    return _speed([(report.trained_tokens, report.time) for report in reports])


def _stock(scratch: str) -> float:
    lines = _output([sys.executable, "-c", STOCK], scratch).splitlines()
    reports = [json.loads(line.split(" ", 1)[1]) for line in lines if line.startswith("REPORT ")]
    return _speed([(tokens, time) for _, tokens, time in reports])


def _output(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=True)
    return done.stdout


def _speed(reports: list[tuple[int, float]]) -> float:
    (first_tokens, first_time), (last_tokens, last_time) = reports[0], reports[-1]
    return (last_tokens - first_tokens) / (last_time - first_time)
