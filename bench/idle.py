"""What the app costs while nobody does anything: its share of one core, and the bytes that it writes."""

import tempfile
import threading
import time
from pathlib import Path

import pexpect
import psutil

from bench.keystroke import VALUE
from bench.row import Row
from bench.terminal import spawn

SETTLE, WATCH = 5.0, 15.0


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder), Path(folder) / "train.yaml"
        file.write_text(f"model: {VALUE}\ndata: d\ntrain: true\n")
        child = spawn(["-m", "app", str(file), "--runs-dir", f"{folder}/runs"], home)
        written = _drained(child)
        time.sleep(SETTLE)
        process, before = psutil.Process(child.pid), len(written)
        start = _cpu(process)
        time.sleep(WATCH)
        share, count = (_cpu(process) - start) / WATCH, sum(written[before:])
        child.sendcontrol("q")
    detail = f"{count / WATCH:.0f} bytes/s written; the machine's memory is looked at once a second"
    return [Row("idle on a form, share of one core", f"{share:.3f}", detail)]


def _drained(child: pexpect.spawn) -> list[int]:
    """Lengths of what has been read so far, by a thread that goes on reading."""
    lengths: list[int] = []

    def drain() -> None:
        while True:
            try:
                lengths.append(len(child.read_nonblocking(65536, timeout=None)))
            except (pexpect.EOF, OSError):
                return

    threading.Thread(target=drain, daemon=True).start()
    return lengths


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
