"""Training speed of a run of ours against `mlx_lm.lora` on the same file.

Both train at once, but by turns of a second: while one works the other is halted. So a computer whose speed wanders
is as fast for the one as for the other. What counts is each side's tokens by its own unhalted time between reports,
so whatever we add to a step (events, losses, checkpoints, state) counts against us; loading does not count.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from app.runs.demo import prepare_demo
from app.wire.events import Report, decode
from app.wire.files import read_json
from app.wire.run_folder import RunFolder
from bench.row import Row

ROUNDS = 7
ITERS = 120
TURN = 1.0
"""Seconds. A step takes about 0.2."""

STOCK = """
import json, sys, time
from mlx_lm import lora
from mlx_lm.tuner.callbacks import TrainingCallback
class Clock(TrainingCallback):
    def on_train_loss_report(self, info):
        print("REPORT", json.dumps([info["trained_tokens"], time.time()]), flush=True)
plain = lora.train_model
lora.train_model = lambda args, model, train, valid, callback=None: plain(args, model, train, valid, Clock())
sys.argv = ["mlx_lm.lora", "-c", "stock.yaml"]
lora.main()
"""


def run() -> list[Row]:
    demo = prepare_demo()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for side in ("ours", "stock"):
            (folder / f"{side}.yaml").write_text(
                f"model: {demo.parent / 'model'}\ndata: {demo.parent / 'data'}\ntrain: true\niters: {ITERS}\n"
                "batch_size: 4\nnum_layers: -1\nmax_seq_length: 128\nsteps_per_report: 10\nsteps_per_eval: 100000\n"
                f"save_every: 50\nval_batches: 1\nadapter_path: {folder / side}\n"
            )
        pairs = [_pair(folder, ours_first=number % 2 == 0) for number in range(ROUNDS)]
    a, b = (median(side) for side in zip(*pairs, strict=True))
    ratios = sorted(x / y for x, y in pairs)
    detail = (
        f"{a:.0f} / {b:.0f} tokens/s, {ROUNDS} pairs of {ITERS} iterations, ratios {ratios[0]:.3f} to {ratios[-1]:.3f}"
    )
    return [Row("training tokens/s / mlx_lm.lora (at least 0.98)", f"{median(ratios):.3f}", detail)]


@dataclass
class _Side:
    """One training: how it is halted, and what it has reported as pairs of trained tokens and the time."""

    process: subprocess.Popen
    output: Path
    trainer: int = 0
    halted: list[tuple[float, float]] = field(default_factory=list)

    def reports(self) -> list[tuple[int, float]]:
        lines = self.output.read_text().splitlines()
        if any(line.startswith("REPORT ") for line in lines):
            return [tuple(json.loads(line[7:])) for line in lines if line.startswith("REPORT ")]
        events = [decode(line) for line in lines]
        return [(event.trained_tokens, event.time) for event in events if isinstance(event, Report)]

    def seconds(self, first: float, last: float) -> float:
        """How long it was not halted between two times."""
        return last - first - sum(max(0.0, min(end, last) - max(start, first)) for start, end in self.halted)


def _pair(folder: Path, ours_first: bool) -> tuple[float, float]:
    """Tokens by second of ours and of stock's."""
    runs = folder / "runs"
    known = set(runs.glob("*"))
    train = ["-m", "app", "train", "ours.yaml", "--json", "--overwrite", "--runs-dir", str(runs)]
    ours, stock = _start(folder, "ours", train), _start(folder, "stock", ["-c", STOCK])
    while not (ours.reports() and stock.reports()):
        if ours.process.poll() or stock.process.poll():
            raise SystemExit("A training failed before its first report.")
        time.sleep(0.1)
    [run] = set(runs.glob("*")) - known
    ours.trainer = (read_json(RunFolder(run).trainer) or {})["pid"]
    stock.trainer = stock.process.pid
    began = time.time()
    _take_turns([stock, ours] if ours_first else [ours, stock])
    ended = time.time()
    if ours.process.wait() or stock.process.wait():
        raise SystemExit("A training failed.")
    return _speeds(ours, stock, began, ended)


def _speeds(ours: _Side, stock: _Side, began: float, ended: float) -> tuple[float, float]:
    """Tokens by second of each, over those batches that both were trained with in the window: they see the same."""
    times = [{tokens: at for tokens, at in side.reports() if began <= at <= ended} for side in (ours, stock)]
    both = sorted(times[0].keys() & times[1].keys())
    a, b = (
        (both[-1] - both[0]) / side.seconds(at[both[0]], at[both[-1]])
        for side, at in zip((ours, stock), times, strict=True)
    )
    return a, b


def _start(folder: Path, name: str, arguments: list[str]) -> _Side:
    """In a session of its own, as the trainer of ours is: the kernel shares out its time by sessions."""
    output = folder / f"{name}.out"
    with output.open("w") as file:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, stdout=file, start_new_session=True)
    return _Side(process, output)


def _take_turns(sides: list[_Side]) -> None:
    """Halt the one and then the other, until one of them has ended."""
    for side in itertools.cycle(sides):
        start = time.time()
        if not _signal(side, signal.SIGSTOP):
            return
        try:
            time.sleep(TURN)
        finally:  # interrupted, a halted training would stay for ever
            _signal(side, signal.SIGCONT)
        side.halted.append((start, time.time()))
        if any(side.process.poll() is not None for side in sides):
            return


def _signal(side: _Side, number: signal.Signals) -> bool:
    try:
        os.kill(side.trainer, number)
    except ProcessLookupError:
        return False
    return True
