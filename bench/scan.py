"""A scan of 1 GB of rows against a bare loop of its parser, and a count of tokens against bare `tokenizers`."""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.data.lengths_learning import learn_lengths
from app.data.scan_learning import learn_dataset
from bench.row import Row

SEED = 20_261_128
SCANNED, COUNTED = 10**9, 3 * 10**7
"""Bytes of rows."""
_TURNS = 3
_LOOK_EVERY = 0.02
"""Seconds between two looks at memory."""
_BARE_LOOP = """
import os, sys, time, orjson
os.nice(10)  # as the scan
begin = time.perf_counter()
with open(sys.argv[1], "rb") as file:
    for line in file:
        orjson.loads(line)
print(time.perf_counter() - begin)
"""
_BARE_ENCODE = """
import json, os, sys, time
from tokenizers import Tokenizer
os.nice(10)  # as the engine
tokenizer = Tokenizer.from_file(sys.argv[2])
begin, batch = time.perf_counter(), []
with open(sys.argv[1]) as file:
    for line in file:
        batch.append("".join(f"<|{each['role']}|>{each['content']}<|end|>" for each in json.loads(line)["messages"]))
        if len(batch) == 1024:
            tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            batch = []
if batch:
    tokenizer.encode_batch_fast(batch, add_special_tokens=False)
print(time.perf_counter() - begin)
"""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*_scanned(folder), _counted(folder)]


def _scanned(folder: Path) -> list[Row]:
    rows = _write(folder / "rows", SCANNED)
    bare = seconds = float("inf")
    peak = 0
    for turn in range(_TURNS):  # the least of each: on a computer that does something else too, the nearest to alone
        bare = min(bare, _python(_BARE_LOOP, rows))
        taken, held = _watched(partial(_scan, folder / "rows", folder / f"cache-{turn}"))
        seconds, peak = min(seconds, taken), max(peak, held)
    words = f"{SCANNED / 1e9:.0f} GB, {os.cpu_count()} cores: {seconds:.1f} s / {bare:.1f} s, its start included"
    mb = f"{peak / 1e6:.0f} MB"
    return [
        Row("scan of a dataset / bare loop of orjson", f"{seconds / bare:.2f}", words),
        Row("the scan's processes together, resident", mb, "at their most; 8 bytes a row grow with the file"),
    ]


def _counted(folder: Path) -> Row:
    _python("import sys; from pathlib import Path; from app.engine.demo.build import build; build(Path(sys.argv[1]))",
            folder / "demo")  # fmt: skip
    model = folder / "demo" / "model"
    rows = _write(folder / "counted", COUNTED)
    bare = _python(_BARE_ENCODE, rows, model / "tokenizer.json")
    config = {"model": str(model), "data": str(folder / "counted")}
    begin = time.perf_counter()
    found = learn_lengths(config, folder, folder / "cache")
    seconds = time.perf_counter() - begin
    assert isinstance(found, Lengths), found
    detail = f"{COUNTED / 1e6:.0f} MB, {found.train.tokens:,} tokens: {seconds:.1f} s / {bare:.1f} s, imports included"
    return Row("count of tokens / bare batches of tokenizers", f"{seconds / bare:.2f}", detail)


def _scan(data: Path, cache: Path) -> None:
    found = learn_dataset(data, {}, cache)
    assert isinstance(found, DatasetFacts) and found.train and not found.train.odd_count, found


def _watched(work: Callable[[], None]) -> tuple[float, int]:
    """Seconds, and the most that all processes of it held at once, in bytes."""
    ended, peak = threading.Event(), 0

    def watch() -> None:
        nonlocal peak
        while not ended.wait(_LOOK_EVERY):
            peak = max(peak, sum(map(_resident, psutil.Process().children(recursive=True))))

    watching = threading.Thread(target=watch)
    watching.start()
    begin = time.perf_counter()
    try:
        work()
        return time.perf_counter() - begin, peak
    finally:
        ended.set()
        watching.join()


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _write(folder: Path, size: int) -> Path:
    """Chat rows of log-normal length, some 900 characters, none twice: a long text cut at random places."""
    draw = random.Random(SEED)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyzé", k=draw.randint(2, 10))) for _ in range(5000)]
    text = " ".join(draw.choices(words, k=1_000_000))
    folder.mkdir()
    path, written = folder / "train.jsonl", 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            length, at = int(draw.lognormvariate(6.5, 0.8)), draw.randrange(len(text))
            asked, said = text[at : at + length // 3], text[at + length // 3 : at + length]
            messages = [{"role": "user", "content": asked + "?"}, {"role": "assistant", "content": f'"{said}"\n'}]
            written += file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    return path


def _python(program: str, *arguments: Path) -> float:
    """The number that it prints, if any."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout or 0)
