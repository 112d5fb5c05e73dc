"""From process start to the curve of a run of a million events, and of a thousand."""

import tempfile
import time
from pathlib import Path

import pexpect

from app.runs.folder import create_run
from app.wire.events import Ended, Model, Phase, Report, Started, Step, encode
from app.wire.files import write_json
from app.wire.run_folder import RunFolder
from bench.row import Row, paired
from bench.terminal import spawn

LONG, SHORT, ROUNDS = 1_000_000, 1_000, 5


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        long, short = (_run_of(place, events) for events in (LONG, SHORT))
        rows = []
        for what, text in (("first paint", "Quit"), ("whole curve", "at iteration")):
            ours, theirs, ratio = paired(
                lambda text=text: _shown(long, place, text), lambda text=text: _shown(short, place, text), ROUNDS
            )
            rows.append(Row(f"re-attach, {what}: 1M events / 1k", f"{ratio:.2f}", f"{ours:.2f} s / {theirs:.2f} s"))
        return rows


def _run_of(place: Path, count: int) -> RunFolder:
    iters = count * 10 // 11
    config = {"model": "m", "train": True, "iters": iters, "adapter_path": f"a{count}"}
    run = create_run(place / "runs", config, b"train: true\n", None, place)
    with run.events.open("w") as file:
        for event in (Started(0.0, 1, iters), Phase(0.1, "train"), Model(0.2, 10**6, 10**4, 800, 40)):
            file.write(encode(event))
        for at in range(1, iters + 1):
            loss = 1.0 + 3.0 / (1 + at / 500) + (at * 7919 % 100) / 500
            file.write(encode(Step(float(at), at, loss, 64, 0.1)))
            if at % 10 == 0:
                file.write(encode(Report(float(at), at, loss, 1e-5, 9.5, 608.0, at * 64, 1_200_000_000)))
        file.write(encode(Ended(float(iters), "finished", iters)))
    write_json(run.trainer, {"pid": 2**22 + 1, "identity": "gone"})
    write_json(run.exit, {"code": 0, "signal": None})
    return run


def _shown(run: RunFolder, place: Path, text: str) -> float:
    begin = time.perf_counter()
    child = spawn(["-m", "app", "attach", run.id, "--runs-dir", str(place / "runs")], place / "home")
    child.expect_exact(text)
    taken = time.perf_counter() - begin
    child.sendcontrol("q")
    child.expect(pexpect.EOF)
    return taken
