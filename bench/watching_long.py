"""Ten minutes of watching a run that tells 100 events a second: what the screen's process holds, and its CPU share."""

import contextlib
import os
import tempfile
import threading
import time
from pathlib import Path

import pexpect
import psutil

from app.runs.folder import create_run
from app.wire.events import Model, Phase, Report, Started, Step, encode
from app.wire.files import write_json
from app.wire.process import identity
from app.wire.run_folder import RunFolder
from bench.row import Row
from bench.terminal import spawn

RATE, SETTLE, WATCH = 100, 60.0, 540.0
"""Events a second, and seconds until the first look at the memory and from there to the last."""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        folder = _living_run(place)
        over = threading.Event()
        telling = threading.Thread(target=_tell, args=(folder, over))
        telling.start()
        child = spawn(["-m", "app", "attach", folder.id, "--runs-dir", str(place / "runs")], place / "home")
        threading.Thread(target=_drain, args=(child,), daemon=True).start()
        process = psutil.Process(child.pid)
        time.sleep(SETTLE)
        early, used = process.memory_info().rss, _cpu(process)
        time.sleep(WATCH)
        late, share = process.memory_info().rss, (_cpu(process) - used) / WATCH
        over.set()
        telling.join()
        child.close(force=True)
    points = RATE * WATCH * 4 * 8 / 1e6
    return [
        Row(
            f"watching {RATE} events/s for {(SETTLE + WATCH) / 60:.0f} minutes, memory at the end / after a minute",
            f"{late / early:.3f}",
            f"{early / 1e6:.1f} MB, {late / 1e6:.1f} MB; the curve's own points are {points:.1f} MB of it",
        ),
        Row("the same, the screen's CPU share of one core", f"{share:.3f}", f"{os.cpu_count()} cores"),
    ]


def _drain(child: pexpect.spawn) -> None:
    """Reads what the screen writes, until it is closed at the end."""
    with contextlib.suppress(OSError):
        child.expect(pexpect.EOF, timeout=None)


def _living_run(place: Path) -> RunFolder:
    """Its trainer is this process, which trains nothing."""
    config = {"model": "m", "train": True, "iters": 10**6, "adapter_path": "a"}
    folder = create_run(place / "runs", config, b"train: true\n", None, place)
    first = (Started(time.time(), os.getpid(), 10**6), Model(time.time(), 10**6, 10**4, 800, 40))
    folder.events.write_text("".join(map(encode, [*first, Phase(time.time(), "train")])))
    folder.log.write_text("")
    write_json(folder.trainer, {"pid": os.getpid(), "identity": identity(os.getpid())})
    return folder


def _tell(folder: RunFolder, over: threading.Event) -> None:
    at, begun = 0, time.monotonic()
    with folder.events.open("a") as file:
        while not over.wait(max(0.0, begun + (at + 1) / RATE - time.monotonic())):
            at += 1
            loss = 1.0 + 3.0 / (1 + at / 500) + (at * 7919 % 100) / 500
            file.write(encode(Step(time.time(), at, loss, 64, 1 / RATE)))
            if at % 10 == 0:
                file.write(encode(Report(time.time(), at, loss, 1e-5, RATE, RATE * 64.0, at * 64, 1_200_000_000)))
            file.flush()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
