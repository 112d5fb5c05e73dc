import asyncio
import time
from pathlib import Path

import pytest

from app.data.dataset import DatasetFacts
from app.data.row_format import row_format
from app.data.scan import scan
from app.memory.estimating import Peak, Traced
from app.memory.helper import Helper
from app.memory.helper_lines import Answer
from app.memory.job import Job
from app.session.store import Session
from app.wire.run_folder import RunFolder
from tests.ui.apps import MACHINE, MEMORY, app_on, ready

_SET = {"HF_HOME": "hf", "XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache", "HOME": "home"}  # fmt: skip
_UNSET = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TUNEDECK_RUNS_DIR", "NO_COLOR", "COLORTERM", "COLORFGBG", "TMUX",
          "DISPLAY", "WAYLAND_DISPLAY", "VISUAL", "EDITOR")  # fmt: skip


@pytest.fixture(autouse=True)
def idle_sooner(monkeypatch):
    """Textual's pilot naps after each key until 20 ms went by nearly without work: most of the time of these tests."""
    monkeypatch.setattr("textual.pilot.wait_for_idle", _wait_for_idle)
    monkeypatch.setattr("textual.app.wait_for_idle", _wait_for_idle)


async def _wait_for_idle(min_sleep: float = 0.02, max_sleep: float = 1) -> None:
    """As Textual's own, in naps of 5 ms: until this process took less than a millisecond of one."""
    start = time.monotonic()
    while True:
        used = time.process_time()
        await asyncio.sleep(0.005)
        used, waited = time.process_time() - used, time.monotonic() - start
        if waited >= max_sleep or (waited > min_sleep and used < 0.001):
            return


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A start directory of its own, a home that knows nothing, and a machine that stands still."""
    start = tmp_path / "work"
    start.mkdir()
    monkeypatch.chdir(start)
    for name, below in _SET.items():
        monkeypatch.setenv(name, str(tmp_path / below))
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("app.session.watch.system_memory", lambda: MEMORY)
    monkeypatch.setattr("app.session.watch.process_memory", lambda pid: 1_300_000_000)
    monkeypatch.setattr("app.ui.inquiry.DEBOUNCE", 0.01)
    monkeypatch.setattr("app.ui.tracing.DEBOUNCE", 0.01)
    monkeypatch.setattr("app.ui.machine_watch.LOOK_EVERY", 0.1)
    monkeypatch.setattr("app.ui.machine_watch.look", lambda *_, **__: MACHINE)
    monkeypatch.setattr("app.ui.machine_watch.gpu_ceiling", lambda *_: MACHINE.ceiling)
    monkeypatch.setattr("app.ui.tracing.Helper", ToldAtOnce)
    monkeypatch.setattr("app.ui.late_facts.scan", scanned_here)
    monkeypatch.setattr("app.ui.late_facts.count_tokens", lambda *_: "not counted in these tests")
    monkeypatch.setattr("app.ui.screens.train.LOOK_EVERY", 0.05)
    monkeypatch.setattr("app.ui.screens.runs.LOOK_EVERY", 0.05)
    monkeypatch.setattr("app.ui.screens.train.notify", lambda words: None)
    monkeypatch.setattr("app.ui.actions.outside.copy", lambda text: None)  # the person's own clipboard is left alone
    return start


@pytest.fixture
async def form(folder):
    """A pilot in the first form of the reference's file."""
    async with app_on(folder).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        yield pilot


@pytest.fixture
def still(folder, monkeypatch):
    """The same for pictures: nothing that moves by itself, no name with a clock in it, and no path of this machine."""
    monkeypatch.setattr("textual.widgets.Input.cursor_blink", False)
    monkeypatch.setattr("textual.widgets.TextArea.cursor_blink", False)
    monkeypatch.setattr("app.runs.folder._new_folder", _named_folder)
    monkeypatch.setattr("app.session.recent._is_file", lambda path: path.name != "old.yaml")
    return folder


def _named_folder(runs_dir: Path, subject: str) -> RunFolder:
    path = runs_dir / f"20261123-2051-{subject}"
    path.mkdir(parents=True)
    return RunFolder(path)


def scanned_here(session: Session, _: object) -> DatasetFacts | str:
    """As the app has it scanned, without the process: most of these tests are about other things."""
    values = session.snapshot.config.values
    files = {name: Path(str(values["data"]), f"{name}.jsonl") for name in ("train", "valid", "test")}
    present = {name: file for name, file in files.items() if file.exists()}
    return scan(present, row_format(values), lambda _: None) if present else "no rows"


class ToldAtOnce(Helper):
    """Every training takes the same, and nobody waits for it: test_memory.py has real ones traced."""

    def ask(self, job: Job) -> None:
        parts = {"weights": 6_150_000_000, "adapter": 30_000_000, "optimizer": 50_000_000, "MLP": 280_000_000,
                 "logits and loss": 820_000_000, "attention scores": 60_000_000,
                 "other activations": 110_000_000}  # fmt: skip
        peak = Peak(job.point, 7_480_000_000, sum(parts.values()), 7_510_000_000, "update", parts)
        structure = job.structure(self._environment)
        self._hear(Answer(structure, Traced(structure, peak)))
