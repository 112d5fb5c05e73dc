"""From a key pressed to its character painted, in a real pseudo-terminal: our largest form against one Input."""

import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pexpect

from app.config.registry import GROUPS, in_group
from bench.bare import PAINTED
from bench.row import Row

KEYS = "абвгдежзиклмнопрстуфхцчшщэюя" * 2
"""Letters that no escape sequence and no word of the screens holds: painted only because they were typed."""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.yaml"
        file.write_text("model: m\ndata: d\ntrain: true\nlearning_rate: 1e-5\n")
        largest = max(GROUPS, key=lambda group: len(in_group(group.id)))
        with (
            _terminal(["-m", "app", str(file), "--runs-dir", f"{folder}/runs"], "Palette") as ours,
            _terminal(["-m", "bench.bare"], PAINTED) as bare,
        ):
            for _ in range(GROUPS.index(largest)):
                ours.sendcontrol("n")
                time.sleep(0.6)
            time.sleep(1)
            pairs = [(_answered(ours, key), _answered(bare, key)) for key in KEYS]
    a, b = (median(side) for side in zip(*pairs, strict=True))
    ratio = median(x / y for x, y in pairs)
    detail = f"{a * 1e3:.1f} ms / {b * 1e3:.1f} ms, form {largest.label}, {len(in_group(largest.id))} fields"
    return [Row("keystroke to repaint, largest form / bare Input app", f"{ratio:.2f}", detail)]


@contextmanager
def _terminal(arguments: list[str], text: str):
    child = pexpect.spawn(sys.executable, arguments, dimensions=(36, 120), timeout=30, encoding="utf-8")
    child.delaybeforesend = None  # 50 ms before every key otherwise, the same for both
    child.expect_exact(text)
    try:
        yield child
    finally:
        child.close(force=True)


def _answered(child: pexpect.spawn, key: str) -> float:
    """Seconds until the letter is painted. It is taken back, so that the next one meets the same field."""
    _swallow(child)
    begin = time.perf_counter()
    child.send(key)
    child.expect_exact(key)
    taken = time.perf_counter() - begin
    time.sleep(0.1)
    child.send("\x7f")
    time.sleep(0.1)
    return taken


def _swallow(child: pexpect.spawn) -> None:
    try:
        while child.read_nonblocking(65536, timeout=0.02):
            pass
    except pexpect.TIMEOUT:
        pass
