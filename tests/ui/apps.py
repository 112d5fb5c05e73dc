"""Apps for pilot tests: on a YAML text, and on a run that has already told its story."""

import math
from pathlib import Path

from app.machine.memory import SystemMemory
from app.runs.folder import create_run
from app.session.store import Session
from app.session.watch import Watch
from app.ui.app import TunedeckApp
from app.wire.events import (
    Checkpoint,
    Ended,
    Event,
    Model,
    Note,
    Phase,
    Report,
    Started,
    Step,
    Validation,
    encode,
)  # fmt: skip
from app.wire.files import write_json
from app.wire.run_folder import RunFolder

REFERENCE = """\
# Base model
model: HuggingFaceTB/SmolLM3-3B
train: true
data: rows
fine_tune_type: lora
optimizer: adamw

# LoRA configuration
num_layers: 12
lora_rank: 8
lora_alpha: 8
lora_dropout: 0.1
use_dora: false
learning_rate: 1e-5
batch_size: 1
iters: 1600
max_seq_length: 800
grad_accumulation_steps: 16
grad_checkpoint: true
steps_per_eval: 50
steps_per_report: 50
save_every: 500
adapter_path: models/SmolLM3-3B_run5
seed: 42
"""

MEMORY = SystemMemory(total=16 * 10**9, available=6 * 10**9, used=10 * 10**9, swap_used=0)


def app_on(folder: Path, text: str = REFERENCE, run: RunFolder | None = None) -> TunedeckApp:
    """An app on `train.yaml` in `folder`, as if started there."""
    (folder / "train.yaml").write_text(text)
    (folder / "rows").mkdir(exist_ok=True)
    (folder / "rows" / "train.jsonl").write_text('{"text": "a"}\n' * 800)
    session = Session()
    session.open(Path("train.yaml"))
    return TunedeckApp(session, folder / "runs", Watch(run) if run else None)


def told_run(folder: Path, events: list[Event]) -> RunFolder:
    """A run folder as a trainer that has gone leaves it."""
    config = {"model": "m", "train": True, "iters": 400, "adapter_path": "tuned"}
    run = create_run(folder / "runs", config, b"iters: 400\n", None, folder)
    run.events.write_text("".join(map(encode, events)))
    run.log.write_text("loading\n\x1b[2Jiteration 400: done [red]not markup[/x]\n")
    write_json(run.trainer, {"pid": 2**22 + 1, "identity": "gone"})
    write_json(run.exit, {"code": 0, "signal": None})
    return run


def story(iters: int = 400, spoiled: int | None = None) -> list[Event]:
    """A run of `iters` iterations whose loss falls, deterministic; at `spoiled` it is not a number once."""
    events: list[Event] = [Started(0.0, 1, iters), Phase(0.5, "load"), Model(1.0, 10**6, 10**4, 800, 40)]
    for at in range(1, iters + 1):
        loss = 1.2 + 3.5 * math.exp(-at / 90) + 0.25 * math.sin(at * 1.7) * math.cos(at * 0.31)
        if at == 1 or at % 50 == 0:
            events.append(Validation(float(at), at - 1, 1.5 + 3.0 * math.exp(-at / 110), 0.5))
        events.append(Step(float(at), at, math.nan if at == spoiled else loss, 64, 0.1))
        if at % 10 == 0:
            events.append(Report(float(at), at, loss, 1e-5, 9.5, 608.0, at * 64, 1_200_000_000))
        if at % 100 == 0:
            events.append(Checkpoint(float(at), at, f"tuned/{at:07d}_adapters.safetensors"))
    return [*events, Note(1.0, "warning", "2 rows are [cut]"), Ended(float(iters), "finished", iters)]
