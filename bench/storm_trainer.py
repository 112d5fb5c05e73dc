"""kill -9 of the trainer at random moments, each followed by resume; then the run is compared with one left in peace.

`python -m bench storm_trainer`, some ten minutes.
"""

import os
import random
import signal
import tempfile
import time
from pathlib import Path

from app.models.headers import read_header
from app.runs.folder import create_run
from app.runs.follow import EventReader
from app.runs.launch import launch
from app.runs.recorded import recorded_trainer
from app.runs.resume import plan, resume
from app.wire.events import Checkpoint, Ended, Step, Validation
from app.wire.files import read_json
from app.wire.run_folder import RunFolder
from bench.row import Row
from bench.tiny import tiny_folder, tiny_training

KILLS, SEED = 50, 6
ITERS, SAVE_EVERY, ACCUMULATION = 4000, 20, 3
EXACTING = {
    "optimizer": "adamw",
    "lora_parameters": {"rank": 4, "dropout": 0.1, "scale": 2.0},
    "lr_schedule": {"name": "cosine_decay", "arguments": [1e-3, ITERS // ACCUMULATION], "warmup": 20},
    "grad_accumulation_steps": ACCUMULATION,
    "save_every": SAVE_EVERY,
    "steps_per_eval": 50,
    "val_batches": 1,
    "iters": ITERS,
}


def run() -> list[Row]:
    drawing = random.Random(SEED)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        tiny = tiny_folder(place / "tiny")
        peaceful, stormy = (_make(place, tiny, name) for name in ("peaceful", "stormy"))
        launch(peaceful)
        launch(stormy)
        torn, repeated, moments = [], [], []
        for _ in range(KILLS):
            moments.append(_kill_somewhere(stormy, drawing))
            torn += _torn_files(place / "stormy", stormy)
            planned = plan(stormy)
            repeated.append(planned.lost)
            resume(planned)
        for each in (peaceful, stormy):
            while not each.exit.exists():
                time.sleep(0.5)
        same = _story(peaceful) == _story(stormy)
        adapters = [(place / name / "adapters.safetensors").read_bytes() for name in ("peaceful", "stormy")]
    return [
        Row(
            f"storm: the trainer killed {KILLS} times at random moments and resumed",
            "equal" if same and adapters[0] == adapters[1] else "DIFFERENT",
            f"{len(torn)} torn files; at most {max(repeated)} iterations repeated (checkpoints every {SAVE_EVERY}, "
            f"updates every {ACCUMULATION}); killed while {_counted(moments)}",
        )
    ]


def _make(place: Path, tiny: Path, name: str) -> RunFolder:
    config = tiny_training(tiny) | EXACTING | {"adapter_path": str(place / name)}
    return create_run(place / "runs", config, b"train: true\n", None, place)


def _kill_somewhere(run: RunFolder, drawing: random.Random) -> str:
    """In any phase: some while it loads, most while it trains. What it did then."""
    time.sleep(drawing.uniform(0.2, 9.0))
    trainer = recorded_trainer(run)
    assert trainer is not None
    os.kill(trainer[0], signal.SIGKILL)
    while not run.exit.exists():
        time.sleep(0.01)
    told = EventReader(run.events).read_new(limit=10**9)
    assert not isinstance(told[-1], Ended), "the run ended before the storm did: let it train longer"
    return "training" if isinstance(told[-1], Step | Checkpoint | Validation) else "loading or validating"


def _torn_files(adapter: Path, run: RunFolder) -> list[Path]:
    """Of the files that anyone may read; what is being written has another name."""
    published = [path for path in adapter.glob("*.safetensors") if not path.name.startswith(".")]
    published += [path for folder in (run.states, run.best) for path in folder.glob("[0-9]*/*.safetensors")]
    torn = [path for path in published if not _is_whole(path)]
    texts = [adapter / "adapter_config.json", *run.states.glob("[0-9]*/state.json"), run.manifest, run.resolved]
    return torn + [path for path in texts if path.exists() and read_json(path) is None]


def _is_whole(path: Path) -> bool:
    try:
        return bool(read_header(path))
    except Exception:
        return False


def _story(run: RunFolder) -> dict[tuple[str, int], float]:
    """Each iteration's loss as it was told last."""
    told = EventReader(run.events).read_new(limit=10**9)
    return {
        (type(event).__name__, event.iteration): event.loss for event in told if isinstance(event, Step | Validation)
    }


def _counted(moments: list[str]) -> str:
    return ", ".join(f"{what} {moments.count(what)} times" for what in sorted(set(moments)))
