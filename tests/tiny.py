"""A tiny real model, its data, and runs of them: what every test that trains stands on.

Import the fixtures by name: `from tests.tiny import tiny  # noqa: F401`.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.runs.folder import create_run
from app.runs.follow import EventReader
from app.runs.launch import launch
from app.wire.events import Event
from app.wire.run_folder import RunFolder
from bench.tiny import tiny_folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder holding `model`, a two-layer SmolLM3 of 32 dimensions, and `data`, 150/20/20 chat rows.

    Built in another process, once for all workers of a session; never write into it.
    """
    folder = tmp_path_factory.getbasetemp().parent / f"tiny-{_session(tmp_path_factory)}"
    return tiny_folder(folder)


def tiny_config(tiny: Path, adapter_path: Path | str, **changes: Any) -> dict[str, Any]:
    """A native mapping that trains the tiny model for 6 iterations, with `changes`."""
    return {
        "model": str(tiny / "model"),
        "data": str(tiny / "data"),
        "train": True,
        "fine_tune_type": "lora",
        "optimizer": "adam",
        "num_layers": 2,
        "lora_parameters": {"rank": 4, "dropout": 0.0, "scale": 2.0},
        "learning_rate": 1e-3,
        "batch_size": 4,
        "iters": 6,
        "max_seq_length": 64,
        "steps_per_report": 2,
        "steps_per_eval": 1000,
        "val_batches": 1,
        "save_every": 1000,
        "adapter_path": str(adapter_path),
        "seed": 7,
        **changes,
    }


def make_run(runs_dir: Path, config: dict[str, Any], overwrite: bool = False) -> RunFolder:
    """A run's folder, ready to launch, that starts in `runs_dir`'s parent."""
    yaml = json.dumps(config).encode()
    return create_run(runs_dir, config, yaml, None, runs_dir.parent, overwrite)


def start(runs_dir: Path, config: dict[str, Any]) -> RunFolder:
    """A run under way."""
    run = make_run(runs_dir, config)
    launch(run)
    return run


def events(run: RunFolder) -> list[Event]:
    """All that the run has told so far."""
    return EventReader(run.events).read_new()


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not come about in time")


def wait_for_end(run: RunFolder, seconds: float = 60) -> list[Event]:
    """All events of a run whose process has ended."""
    wait_for(run.exit.exists, seconds)
    return events(run)


def _session(factory: pytest.TempPathFactory) -> str:
    """The same for all xdist workers of one session, whose base folders are siblings."""
    base = factory.getbasetemp()
    return base.parent.name if base.name.startswith("popen-") else base.name
