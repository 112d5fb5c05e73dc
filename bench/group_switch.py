"""From the key for the next group to its form painted, each group visited before."""

import tempfile
import time
from pathlib import Path
from statistics import median

from app.config.groups import GROUPS
from app.config.registry import in_group
from bench.keystroke import VALUE
from bench.row import Row
from bench.terminal import swallow, terminal

ROUNDS = 4


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder), Path(folder) / "train.yaml"
        file.write_text(f"model: {VALUE}\ndata: d\ntrain: true\n")
        with terminal(["-m", "app", str(file), "--runs-dir", f"{folder}/runs"], home, VALUE) as child:
            time.sleep(2)
            rounds = [[_switch(child, group.id) for group in (*GROUPS[1:], GROUPS[0])] for _ in range(ROUNDS + 1)]
    times = sorted(taken for visited in rounds[1:] for taken in visited)
    detail = f"median of {len(times)}, slowest {times[-1] * 1e3:.0f} ms"
    return [Row("group switch, visited before (under 60 ms)", f"{median(times) * 1e3:.0f} ms", detail)]


def _switch(child, group: str) -> float:
    """Seconds until the help of the group's first field is there, which is drawn last."""
    swallow(child)
    begin = time.perf_counter()
    child.sendcontrol("n")
    child.expect_exact(f"{in_group(group)[0].key}")
    taken = time.perf_counter() - begin
    time.sleep(0.2)
    return taken
