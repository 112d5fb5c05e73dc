"""From process start to the first painted screen, in a real pseudo-terminal."""

import sys
import tempfile
import time
from pathlib import Path

import pexpect

from bench.bare import PAINTED
from bench.row import Row, paired

ROUNDS = 9


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.yaml"
        file.write_text("model: m\ndata: d\ntrain: true\niters: 100\n")
        runs = ["--runs-dir", f"{folder}/runs"]
        a, b, ratio = paired(
            lambda: _painted(["-m", "app", str(file), *runs], "Palette"),  # the footer's end: the last to be drawn
            lambda: _painted(["-m", "bench.bare"], PAINTED),
            ROUNDS,
        )
    return [Row("start to first paint / bare Textual app", f"{ratio:.2f}", f"{a * 1e3:.0f} ms / {b * 1e3:.0f} ms")]


def _painted(arguments: list[str], text: str) -> float:
    begin = time.perf_counter()
    child = pexpect.spawn(sys.executable, arguments, dimensions=(36, 120), timeout=30, encoding="utf-8")
    child.expect(text)
    taken = time.perf_counter() - begin
    child.sendcontrol("q")
    child.expect(pexpect.EOF)
    return taken
