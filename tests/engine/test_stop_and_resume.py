"""Stopping where it is safe, and going on as if nothing had happened."""

import json
import shutil
import time
from pathlib import Path

import pytest

from app.runs.curve_reading import CurveReader
from app.runs.launch import launch
from app.runs.listing import summarize
from app.runs.resume import plan, resume
from app.runs.stop import request_stop
from app.wire.events import Checkpoint, Ended, Model, Phase, Report, Started, Step, Validation
from app.wire.files import read_json
from tests.tiny import events, make_run, start, tiny, tiny_config, wait_for, wait_for_end  # noqa: F401

# Nine batches a pass, so that it is left in the middle of the second.
EXACTING = {
    "optimizer": "adamw",
    "lr_schedule": {"name": "cosine_decay", "arguments": [2e-3, 8], "warmup": 2, "warmup_init": 1e-6},
    "lora_parameters": {"rank": 4, "dropout": 0.1, "scale": 2.0},
    "batch_size": 16,
    "grad_accumulation_steps": 3,
    "steps_per_report": 4,
    "steps_per_eval": 5,
    "save_every": 7,
    "iters": 20,
}
ENDLESS = {"iters": 1_000_000, "save_every": 1_000_000}


WAYS = [
    {},
    *(
        pytest.param(way, marks=pytest.mark.slow)
        for way in (
            {"fine_tune_type": "full", "optimizer": "muon"},
            {"fine_tune_type": "dora", "optimizer": "adam"},
            {"optimizer": "sgd", "optimizer_config": {"sgd": {"momentum": 0.9}}},
            {"optimizer": "adafactor"},
            {"fine_tune_type": "full", "optimizer": "adamw"},
            {"fine_tune_type": "dora", "optimizer": "muon", "grad_checkpoint": True},
            {"grad_accumulation_steps": 1, "lr_schedule": None},
        )
    ),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: " ".join(map(str, way.values())) or "lora adamw")
def test_stopped_and_resumed_equals_never_stopped(tiny, tmp_path, way):  # noqa: F811
    """It ends after 13 iterations, 12 of which are whole updates, and goes on to the 20th in a fresh process."""
    whole = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "whole", **EXACTING | way))
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "parts", **EXACTING | way | {"iters": 13}))
    through = wait_for_end(whole, _COMPILING)
    wait_for_end(run, _COMPILING)

    (run.states / "0000015").mkdir()  # as of a later iteration that is left behind
    resumption = plan(run, since=12, config=read_json(run.resolved) | {"iters": 20})
    resume(resumption, yaml=b"iters: 20\n")
    continued = _since_it_was_taken_up(run)
    assert (continued[-1].outcome, continued[-1].iteration) == ("finished", 20)
    for kind in (Step, Report, Validation):
        expected = _figures(through, kind, after=resumption.iteration)
        assert expected
        assert _figures(continued, kind, after=resumption.iteration) == expected
    assert _curve(run) == _curve(whole), "what was trained twice counts once"
    assert sorted(path.name for path in run.states.iterdir()) == sorted(path.name for path in whole.states.iterdir())
    names = sorted(path.name for path in (tmp_path / "whole").glob("*.safetensors"))
    assert names == ["0000007_adapters.safetensors", "0000014_adapters.safetensors", "adapters.safetensors"]
    for name in names:
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


_COMPILING = 180
"""Seconds. MLX's CPU backend takes a minute for Adafactor's first step."""


def _since_it_was_taken_up(run):
    told = wait_for_end(run, _COMPILING)
    return told[max(at for at, event in enumerate(told) if isinstance(event, Started)) :]


def _figures(told, kind, after):
    """A report window that was open at the boundary counts: it closes after it."""
    exact = ("iteration", "loss", "tokens", "learning_rate", "trained_tokens")
    return [
        [getattr(event, name) for name in exact if hasattr(event, name)]
        for event in told
        if isinstance(event, kind) and event.iteration > after - (kind is Validation)
    ]


def _curve(run):
    """What is exact of it: time is not."""
    reader = CurveReader(run)
    reader.read()
    curve = reader.curve
    return curve.iterations, curve.losses, curve.smoothed, curve.tokens


def test_a_stop_saves_the_adapter_at_the_next_micro_batch(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, tmp_path / "adapter", **ENDLESS, grad_accumulation_steps=3)
    run = start(tmp_path / "runs", config)
    wait_for(lambda: len(_steps(run)) > 4)
    assert not (tmp_path / "adapter" / "adapter_config.json").exists()
    assert request_stop(run)
    asked = time.time()
    told = wait_for_end(run)

    ended = told[-1]
    late = [step for step in told if isinstance(step, Step) and step.time > asked]
    assert isinstance(ended, Ended)
    assert ended.outcome == "stopped"
    assert len(late) <= 2
    assert read_json(run.exit)["code"] == 0
    checkpoint = [event for event in told if isinstance(event, Checkpoint)][-1]
    assert checkpoint.iteration == ended.iteration
    assert sorted(path.name for path in (tmp_path / "adapter").iterdir()) == [
        "adapter_config.json",
        "adapters.safetensors",
    ]
    (state,) = run.states.iterdir()
    saved = json.loads((state / "state.json").read_text())
    assert saved["iteration"] == ended.iteration // 3 * 3
    assert (state / "adapters.safetensors").read_bytes() == Path(checkpoint.path).read_bytes()
    assert summarize(run).state == "stopped"
    assert not request_stop(run)


@pytest.mark.parametrize("standing", [False, True])
def test_a_stop_during_the_first_validation_leaves_the_adapter_folder_as_it_was(
    tiny, tmp_path, standing  # noqa: F811
):  # fmt: skip
    data = tmp_path / "data"
    shutil.copytree(tiny / "data", data)
    (data / "valid.jsonl").write_text((data / "valid.jsonl").read_text() * 500)
    adapter = tmp_path / "adapter"
    if standing:
        adapter.mkdir()
        (adapter / "adapter_config.json").write_text("{}")
    run = start(tmp_path / "runs", tiny_config(tiny, adapter, data=str(data), val_batches=-1))
    wait_for(lambda: any(isinstance(event, Phase) and event.done for event in events(run)))
    assert request_stop(run)
    told = wait_for_end(run)
    assert (told[-1].outcome, told[-1].iteration) == ("stopped", 0)
    assert not any(isinstance(event, Validation | Step | Checkpoint) for event in told)
    assert ([path.name for path in adapter.iterdir()] == ["adapter_config.json"]) if standing else not adapter.exists()
    assert not run.states.exists()


def test_a_stop_while_loading_ends_at_once(tiny, tmp_path):  # noqa: F811
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter"))
    asked = time.monotonic()
    assert request_stop(run)
    told = wait_for_end(run)
    assert time.monotonic() - asked < 5
    assert told[-1].outcome == "stopped"
    assert not any(isinstance(event, Model) for event in told)
    assert read_json(run.exit)["code"] == 0
    assert not (tmp_path / "adapter").exists()


def test_a_weight_that_is_not_a_number_never_replaces_an_adapter(tiny, tmp_path):  # noqa: F811
    adapter = tmp_path / "adapter"
    config = tiny_config(tiny, adapter, optimizer="sgd", learning_rate=1e30, save_every=2)
    adapter.mkdir()
    (adapter / "adapters.safetensors").write_bytes(b"a good one")
    run = make_run(tmp_path / "runs", config, overwrite=True)
    launch(run)
    told = wait_for_end(run)
    assert told[-1].outcome == "failed"
    assert told[-1].reason.startswith("The loss is not finite at iteration 2 ")
    assert (adapter / "adapters.safetensors").read_bytes() == b"a good one"
    assert [path.name for path in adapter.iterdir()] == ["adapters.safetensors"]


def _steps(run):
    return [event for event in events(run) if isinstance(event, Step)]
