"""What stops a run before it starts. Each sentence must name the key and what to do."""

from dataclasses import replace

import pytest

from app.checks import ready
from app.config.config import defaults


@pytest.fixture(autouse=True)
def backend(monkeypatch):
    monkeypatch.setattr(ready, "missing_backend", lambda: None)


@pytest.fixture
def sound(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "rows").mkdir()
    for split in ("train", "valid", "test"):
        (tmp_path / "rows" / f"{split}.jsonl").write_text('{"text": "a"}\n' * 4)
    return tmp_path


def found(start, **values):
    config = defaults()
    changed = {"model": "model", "data": "rows", "train": True, **values}
    return ready.obstacles(replace(config, values={**config.values, **changed}), start)


def test_a_sound_configuration_has_no_obstacles(sound):
    assert found(sound, test=True) == []


def test_hub_names_are_left_to_the_hub(sound):
    assert found(sound, model="Qwen/Qwen3-0.6B", data="mlx-community/WikiSQL") == []


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ({"train": False}, "train", "Neither train nor test"),
        ({"model": ""}, "model", "is empty"),
        ({"model": "rows"}, "model", "no config.json"),
        ({"model": "./nowhere"}, "model", "does not exist"),
        ({"model": "~/models/m"}, "model", "does not expand ~"),
        ({"model": "rows/none"}, "model", "does not exist"),
        ({"model": "model/config.json"}, "model", "is a file"),
        ({"data": "model"}, "data", "no train.jsonl"),
        ({"data": "/not/here"}, "data", "does not exist"),
        ({"data": "rows/train.jsonl"}, "data", "is a file"),
        ({"batch_size": 5}, "batch_size", "valid.jsonl has 4 rows, fewer than batch_size 5"),
        ({"resume_adapter_file": "a.safetensors"}, "resume_adapter_file", "does not exist"),
        ({"train": False, "test": True, "adapter_path": "none"}, "adapter_path", "no adapter_config.json"),
    ],
)
def test_each_obstacle_names_its_key_and_the_way_out(sound, values, key, words):
    findings = found(sound, **values)
    assert any(finding.key == key and words in finding.message for finding in findings), findings
    assert all(finding.level == "error" and finding.message.endswith(".") for finding in findings)


def test_rows_below_a_batch_are_said_once(sound):
    assert [finding.code for finding in found(sound, batch_size=5, test=True)] == ["rows-below-batch"]


def test_more_layers_than_the_model_folder_has_are_found(sound):
    (sound / "model" / "config.json").write_text('{"model_type": "llama", "num_hidden_layers": 4}')
    (finding,) = found(sound)
    assert (finding.code, finding.fix.edits) == ("layers-above-depth", (("num_layers", 4),))
    assert found(sound, num_layers=4) == []
    (sound / "model" / "config.json").write_text("[]")
    assert found(sound) == []


def test_rows_beside_a_hub_dataset_do_not_count(sound):
    assert found(sound, batch_size=5, hf_dataset={"path": "org/name"}) == []


def test_no_update_is_an_obstacle_and_a_warning_is_none(sound):
    assert [finding.code for finding in found(sound, iters=3, grad_accumulation_steps=4)] == ["no-update"]
    assert found(sound, **{"learning_rate": 1.0}) == []


def test_an_empty_split_is_named(sound):
    (sound / "rows" / "test.jsonl").write_text("")
    assert "empty test.jsonl" in found(sound, test=True)[0].message


def test_a_missing_backend_comes_first(sound, monkeypatch):
    monkeypatch.setattr(ready, "missing_backend", lambda: "No MLX backend is installed.")
    assert found(sound)[0].message == "No MLX backend is installed."
