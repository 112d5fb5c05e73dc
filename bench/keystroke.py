"""From a key pressed to its character painted, in a real pseudo-terminal: our largest form against one Input."""

import tempfile
import time
from pathlib import Path
from statistics import median

import pexpect

from app.config.groups import GROUPS
from app.config.registry import in_group
from bench.bare import PAINTED
from bench.row import Row
from bench.terminal import swallow, terminal

KEYS = "абвгдежзиклмнопрстуфхцчшщэюя" * 2
"""Letters that no escape sequence and no word of the screens holds: painted only because they were typed."""
VALUE = "a-model-of-my-own"
END = "\x1b[F"


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder), Path(folder) / "train.yaml"
        file.write_text(f"model: {VALUE}\ndata: d\ntrain: true\nlearning_rate: 1e-5\n")
        largest = max(GROUPS, key=lambda group: len(in_group(group.id)))
        with (
            terminal(["-m", "app", str(file), "--runs-dir", f"{folder}/runs"], home, VALUE) as ours,
            terminal(["-m", "bench.bare"], home, PAINTED) as bare,
        ):
            for _ in range(GROUPS.index(largest)):
                ours.sendcontrol("n")
                time.sleep(0.6)
            time.sleep(2)
            ours.send(END)  # the cursor comes to a field with all of it selected, which a letter would replace
            pairs = [(_answered(ours, key), _answered(bare, key)) for key in KEYS]
    a, b = (median(side) for side in zip(*pairs, strict=True))
    ratio = median(x / y for x, y in pairs)
    detail = f"{a * 1e3:.1f} ms / {b * 1e3:.1f} ms, form {largest.label}, {len(in_group(largest.id))} fields"
    return [Row("keystroke to repaint, largest form / bare Input app (at most 1.5)", f"{ratio:.2f}", detail)]


def _answered(child: pexpect.spawn, key: str) -> float:
    """Seconds until the letter is painted. It is taken back, so that the next one meets the same field."""
    swallow(child)
    begin = time.perf_counter()
    child.send(key)
    child.expect_exact(key)
    taken = time.perf_counter() - begin
    time.sleep(0.1)
    child.send("\x7f")
    time.sleep(0.1)
    return taken
