"""The trainer against `mlx_lm.lora -c` on the same file: every figure to the last digit, every file to the byte."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.wire.events import Checkpoint, Ended, Event, Report, Step, Tested, Validation
from tests.tiny import start, tiny, tiny_config, wait_for_end  # noqa: F401

HERE = Path(__file__).parent

CASES: dict[str, dict[str, Any]] = {
    # Nine batches a pass, so that 11 iterations cross into a second one; 11 is no multiple of anything below.
    "lora": {
        "optimizer": "adamw",
        "lr_schedule": {"name": "cosine_decay", "arguments": [2e-3, 6], "warmup": 2, "warmup_init": 1e-6},
        "lora_parameters": {"rank": 4, "dropout": 0.1, "scale": 2.0, "keys": ["self_attn.q_proj", "mlp.up_proj"]},
        "batch_size": 16,
        "grad_accumulation_steps": 3,
        "mask_prompt": True,
        "steps_per_report": 4,
        "steps_per_eval": 5,
        "val_batches": 1,
        "save_every": 4,
        "iters": 11,
        "report_to": "wandb",
        "project_name": "harbour",
    },
    "dora": {
        "fine_tune_type": "dora",
        "lora_parameters": {"rank": 2, "dropout": 0.05, "scale": 1.0},
        "val_batches": -1,
        "steps_per_eval": 4,
        "test": True,
        "test_batches": 3,
    },
    "full": {"fine_tune_type": "full", "num_layers": 1, "optimizer": "sgd", "save_every": 3},
    # mlx-lm patches the layer's class for good, so in the process that runs all of these it has to be the last.
    "checkpointed": {
        "grad_checkpoint": True,
        "grad_accumulation_steps": 2,
        "lora_parameters": {"rank": 4, "dropout": 0.2, "scale": 2.0},
    },
}


@dataclass
class Pair:
    """A training by both sides."""

    told: dict[str, Any]
    stock: Path
    events: list[Event]
    ours: Path


@pytest.fixture(scope="module")
def pairs(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:  # noqa: F811
    folder = tmp_path_factory.mktemp("parity")
    files = []
    for name, changes in CASES.items():
        files.append(folder / f"{name}.yaml")
        files[-1].write_text(json.dumps(tiny_config(tiny, folder / "stock" / name, **changes)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE / "fake_modules"))
        stock = subprocess.Popen(
            [sys.executable, str(HERE / "stock.py"), *map(str, files)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ,
        )  # fmt: skip
        runs = {
            name: start(folder / "runs", tiny_config(tiny, folder / "ours" / name, **changes))
            for name, changes in CASES.items()
        }
    output = stock.communicate()[0]
    assert stock.returncode == 0, output
    return {
        name: Pair(
            told=json.loads((folder / f"{name}.told.json").read_text()),
            stock=folder / "stock" / name,
            events=wait_for_end(run),
            ours=folder / "ours" / name,
        )
        for name, run in runs.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_train_reports_are_equal(pairs, case):
    pair = pairs[case]
    ours = [
        (event.iteration, event.loss, event.learning_rate, event.trained_tokens)
        for event in pair.events
        if isinstance(event, Report)
    ]
    stock = [
        (told["iteration"], told["train_loss"], told["learning_rate"], told["trained_tokens"])
        for told in pair.told["trains"]
    ]
    assert len(stock) >= 3
    assert ours == stock


@pytest.mark.parametrize("case", CASES)
def test_validations_are_equal(pairs, case):
    ours = [(event.iteration, event.loss) for event in pairs[case].events if isinstance(event, Validation)]
    stock = [(told["iteration"], told["val_loss"]) for told in pairs[case].told["validations"]]
    assert len(stock) >= 2
    assert ours == stock


@pytest.mark.parametrize("case", CASES)
def test_adapter_files_are_equal(pairs, case):
    ours, stock = (_weights(folder) for folder in (pairs[case].ours, pairs[case].stock))
    assert sorted(ours) == sorted(stock)
    assert ours == stock


@pytest.mark.parametrize("case", CASES)
def test_adapter_configs_are_equal_but_for_the_file_they_came_from(pairs, case):
    ours, stock = (
        json.loads((folder / "adapter_config.json").read_text()) for folder in (pairs[case].ours, pairs[case].stock)
    )
    for side in (ours, stock):
        del side["config"], side["adapter_path"]
    assert ours == stock


def test_the_test_loss_is_equal(pairs):
    (tested,) = [event for event in pairs["dora"].events if isinstance(event, Tested)]
    assert [tested.loss] == pairs["dora"].told["tests"]


def test_every_step_is_told_once_and_checkpoints_name_files_that_exist(pairs):
    for pair in pairs.values():
        steps = [event for event in pair.events if isinstance(event, Step)]
        last = pair.events[-1]
        assert isinstance(last, Ended)
        assert (last.outcome, last.iteration) == ("finished", len(steps))
        assert [step.iteration for step in steps] == list(range(1, len(steps) + 1))
        assert all(step.seconds > 0 for step in steps)
        assert sum(step.tokens for step in steps) == pair.told["trains"][-1]["trained_tokens"]
        paths = [Path(event.path) for event in pair.events if isinstance(event, Checkpoint)]
        assert paths and all(path.is_file() for path in paths)


def test_wandb_hears_what_it_hears_from_mlx_lm(pairs):
    ours, stock = (
        [json.loads(line) for line in (folder / "wandb.jsonl").read_text().splitlines()]
        for folder in (pairs["lora"].ours, pairs["lora"].stock)
    )
    assert ours[0] == stock[0]
    timings = {"iterations_per_second", "tokens_per_second", "peak_memory", "val_time"}
    for mine, theirs in zip(ours[1:], stock[1:], strict=True):
        assert mine["step"] == theirs["step"]
        assert mine["figures"].keys() == theirs["figures"].keys()
        for key in mine["figures"].keys() - timings:
            assert mine["figures"][key] == theirs["figures"][key]


def _weights(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
