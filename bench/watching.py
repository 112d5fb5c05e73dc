"""The screen's share of one core while it watches a real training, at 120x36."""

import tempfile
import threading
import time
from pathlib import Path

import pexpect
import psutil

from app.runs.demo import prepare_demo
from app.runs.stop import request_stop
from app.session.demo import begin_demo
from bench.row import Row
from bench.terminal import spawn

SETTLE, WATCH = 6.0, 20.0


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = begin_demo(prepare_demo(), Path(scratch))
        arguments = ["-m", "app", "attach", folder.id, "--runs-dir", scratch]
        child = spawn(arguments, Path(scratch) / "home")
        drain = threading.Thread(target=lambda: child.expect(pexpect.EOF), daemon=True)
        drain.start()
        time.sleep(SETTLE)
        process = psutil.Process(child.pid)
        before = _cpu(process)
        time.sleep(WATCH)
        share = (_cpu(process) - before) / WATCH
        rate = _steps(folder) / (SETTLE + WATCH)
        child.sendcontrol("q")
        request_stop(folder)
        drain.join(10)
        child.close(force=True)
    return [
        Row(
            "screen's CPU share of one core while watching",
            f"{share:.3f}",
            f"a live run of about {rate:.0f} steps/s",
        )
    ]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _steps(folder) -> int:
    return sum(line.startswith(b'{"event":"step"') for line in folder.events.read_bytes().splitlines())
