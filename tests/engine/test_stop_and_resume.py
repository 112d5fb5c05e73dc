"""Stopping where it is safe, and going on as if nothing had happened."""

import json
import shutil
import time
from pathlib import Path

import pytest

from app.runs.launch import launch
from app.runs.listing import summarize
from app.runs.stop import request_stop
from app.wire.events import Checkpoint, Ended, Model, Phase, Report, Step, Validation
from app.wire.files import read_json, write_json
from tests.tiny import events, make_run, start, tiny, tiny_config, wait_for, wait_for_end  # noqa: F401

# Nine batches a pass; the states are kept for iterations 7 and 14, hence for the updates 6 and 12.
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


def test_a_fresh_process_goes_on_exactly_from_a_saved_state(tiny, tmp_path):  # noqa: F811
    whole = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "whole", **EXACTING))
    through = wait_for_end(whole)
    states = sorted(path.name for path in whole.states.iterdir())
    assert states == ["0000006", "0000012"]

    resumed = []
    for state in states:
        run = make_run(tmp_path / "runs", tiny_config(tiny, tmp_path / state, **EXACTING))
        write_json(run.manifest, read_json(run.manifest) | {"state": str(whole.states / state)})
        launch(run)
        resumed.append((int(state), run))
    for boundary, run in resumed:
        continued = wait_for_end(run)
        for kind in (Step, Report, Validation):
            expected = _figures(through, kind, after=boundary)
            assert expected
            assert _figures(continued, kind, after=boundary) == expected
        for path in (tmp_path / f"{boundary:07d}").glob("*.safetensors"):
            assert path.read_bytes() == (tmp_path / "whole" / path.name).read_bytes()
        assert (tmp_path / f"{boundary:07d}" / "adapters.safetensors").exists()


def _figures(told, kind, after):
    """A report window that was open at the boundary counts: it closes after it."""
    exact = ("iteration", "loss", "tokens", "learning_rate", "trained_tokens")
    return [
        [getattr(event, name) for name in exact if hasattr(event, name)]
        for event in told
        if isinstance(event, kind) and event.iteration > after - (kind is Validation)
    ]


def test_a_stop_saves_the_adapter_at_the_next_micro_batch(tiny, tmp_path):  # noqa: F811
    config = tiny_config(tiny, tmp_path / "adapter", **ENDLESS, grad_accumulation_steps=3)
    run = start(tmp_path / "runs", config)
    wait_for(lambda: len(_steps(run)) > 4)
    assert not (tmp_path / "adapter" / "adapter_config.json").exists()
    asked = time.time()
    assert request_stop(run)
    told = wait_for_end(run)

    ended = told[-1]
    late = [step for step in told if isinstance(step, Step) and step.time > asked]
    assert isinstance(ended, Ended)
    assert ended.outcome == "stopped"
    assert len(late) <= 2
    assert read_json(run.exit) == {"code": 0, "signal": None}
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
    assert read_json(run.exit) == {"code": 0, "signal": None}
    assert not (tmp_path / "adapter").exists()


def test_a_weight_that_is_not_a_number_never_replaces_an_adapter(tiny, tmp_path):  # noqa: F811
    adapter = tmp_path / "adapter"
    config = tiny_config(tiny, adapter, optimizer="sgd", learning_rate=1e30, save_every=2)
    adapter.mkdir()
    (adapter / "adapters.safetensors").write_bytes(b"a good one")
    run = make_run(tmp_path / "runs", config, overwrite=True)
    launch(run)
    told = wait_for_end(run)
    assert told[-1].outcome == "finished"
    assert (adapter / "adapters.safetensors").read_bytes() == b"a good one"
    assert [path.name for path in adapter.iterdir()] == ["adapters.safetensors"]
    assert any(getattr(event, "level", "") == "warning" for event in told)


def _steps(run):
    return [event for event in events(run) if isinstance(event, Step)]
