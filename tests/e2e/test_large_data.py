"""200 MB of rows come from a slow disk (a pipe that the test fills) while the app goes on answering."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.job import job
from tests.terminal import CTRL, END, Terminal, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401

ROW = b'{"text": "' + b"a" * 188 + b'"}\n'
ROWS = 1_000_000
BLOCK = 10_000
"""Rows between two looks at whether the disk may be fast."""


class SlowDisk:
    """A pipe that gives `ROWS` rows of 200 bytes: 2 MB at a time, slowly until `fast` is set."""

    def __init__(self, path: Path):
        os.mkfifo(path)
        self._path = path
        self.fast = threading.Event()
        self.given = 0
        threading.Thread(target=self._give, daemon=True).start()

    def _give(self) -> None:
        with contextlib.suppress(BrokenPipeError), self._path.open("wb") as pipe:
            while self.given < ROWS:
                pipe.write(ROW * BLOCK)
                self.given += BLOCK
                self.fast.wait(0.1)


@pytest.fixture
def disk(workplace, tiny) -> Iterator[SlowDisk]:  # noqa: F811
    assert len(ROW) * ROWS > 200e6
    folder = workplace.folder / "large"
    folder.mkdir()
    workplace.write("train.yaml", job(tiny, data="large"))
    return SlowDisk(folder / "train.jsonl")


def seconds_until_answered(deck: Terminal, key: str, shown: str) -> float:
    begin = time.monotonic()
    deck.send(key)
    deck.wait_for(shown)
    return time.monotonic() - begin


def test_keys_are_answered_while_rows_are_counted(open_terminal, disk):  # noqa: F811
    deck = open_terminal("train.yaml")
    deck.wait_for("training rows   counting …")
    wait_for(lambda: disk.given)
    deck.send(END)
    typed = [
        seconds_until_answered(deck, letter, f"/model{'qrstuvwx'[: at + 1]}") for at, letter in enumerate("qrstuvwx")
    ]
    moved = [
        seconds_until_answered(deck, CTRL["n"], f" {key}  ") for key in ("fine_tune_type", "optimizer", "num_layers")
    ]
    deck.wait_for("training rows   counting …")
    assert 0 < disk.given < ROWS
    assert sorted(typed)[len(typed) // 2] < 0.3
    assert max(typed + moved) < 1.5

    disk.fast.set()
    deck.wait_for(f"training rows   {ROWS}", timeout=60)


def test_leaving_does_not_wait_for_the_count(open_terminal, disk):  # noqa: F811
    deck = open_terminal("train.yaml")
    deck.wait_for("training rows   counting …")
    wait_for(lambda: disk.given)
    deck.send(CTRL["q"])
    assert deck.wait_for_exit(timeout=5) == 0
    deck.assert_restored()
    assert disk.given < ROWS / 2
