"""From process start to the first painted screen, and to the form with its values, in a real pseudo-terminal."""

import tempfile
import time
from pathlib import Path

import pexpect

from bench.bare import PAINTED
from bench.row import Row, paired
from bench.terminal import spawn

ROUNDS = 11
VALUE = "a-model-of-my-own"


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder), Path(folder) / "train.yaml"
        file.write_text(f"model: {VALUE}\ndata: d\ntrain: true\niters: 100\n")
        app = ["-m", "app", str(file)]
        return [
            # The end of the key bar is the last of a frame to be drawn.
            _row("start to first paint / bare Textual app (at most 1.25)", app, "Quit", home),
            _row("start to first paint of the Start screen / bare Textual app", app[:2], "Quit", home),
            _row("start to the file's values / bare Textual app", app, VALUE, home),
        ]


def _row(what: str, app: list[str], text: str, home: Path) -> Row:
    bare = ["-m", "bench.bare"]
    ours, theirs, ratio = paired(lambda: _painted(app, text, home), lambda: _painted(bare, PAINTED, home), ROUNDS)
    return Row(what, f"{ratio:.2f}", f"{ours * 1e3:.0f} ms / {theirs * 1e3:.0f} ms")


def _painted(arguments: list[str], text: str, home: Path) -> float:
    begin = time.perf_counter()
    child = spawn(arguments, home)
    child.expect(text)
    taken = time.perf_counter() - begin
    child.sendcontrol("q")
    child.expect(pexpect.EOF)
    return taken
