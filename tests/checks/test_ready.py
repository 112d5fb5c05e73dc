"""What a start, a check and a session see of the disk. Each rule has its files in the corpus."""

import shutil

import pytest

from app.checks import surroundings
from app.checks.ready import changed, context_at
from app.checks.rules import check
from app.checks.surroundings import Standing, look_around
from app.config.config import defaults, edit
from app.models.facts import Tensor
from tests.checks.configurations import config_of, found
from tests.tiny import tiny  # noqa: F401

GB = 10**9


def obstacles(config, start):
    return [finding for finding in check(context_at(config, start)) if finding.level == "error"]


@pytest.fixture(autouse=True)
def installation(monkeypatch):
    monkeypatch.setattr(surroundings, "missing_backend", lambda: None)
    monkeypatch.setattr(surroundings, "_is_installed", lambda _: True)


@pytest.fixture
def start(tmp_path, tiny):  # noqa: F811
    shutil.copytree(tiny / "model", tmp_path / "model")
    (tmp_path / "data").mkdir()
    for split in ("train", "valid", "test"):
        (tmp_path / "data" / f"{split}.jsonl").write_text('{"text": "a"}\n' * 4)
    return tmp_path


def sound(**changes):
    return config_of({"num_layers": 2, **changes})


def codes(start, **changes):
    return [finding.code for finding in obstacles(sound(**changes), start)]


def test_a_sound_configuration_has_no_obstacles_and_a_warning_is_none(start):
    assert codes(start, test=True) == []
    assert codes(start, learning_rate=1.0) == []
    assert codes(start, model="Qwen/Qwen3-0.6B", data="mlx-community/WikiSQL") == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"train": False}, ["nothing-to-do"]),
        ({"model": "./nowhere"}, ["model-missing"]),
        ({"model": "model/none"}, ["model-missing"]),
        ({"model": "a/b/c"}, ["model-missing"]),
        ({"model": "x" * 5000}, ["model-no-name"]),
        ({"model": "\x00"}, ["model-no-name"]),
        ({"data": "data/none"}, ["data-missing"]),
        ({"data": "model"}, ["no-rows"]),
        ({"batch_size": 5, "test": True}, ["rows-below-batch"]),
        ({"batch_size": 5, "hf_dataset": {"path": "org/name"}}, []),
        ({"num_layers": 16}, ["layers-above-depth"]),
        ({"iters": 3, "grad_accumulation_steps": 4}, ["no-update"]),
        ({"adapter_path": "\x00", "resume_adapter_file": "\x00"}, ["resume-file-missing"]),
        ({"train": False, "test": True, "adapter_path": "none"}, ["no-adapter-to-test"]),
    ],
)
def test_each_obstacle_is_said_once(start, changes, found):
    assert codes(start, **changes) == found


def test_an_empty_split_is_named(start):
    (start / "data" / "test.jsonl").write_text("")
    (finding,) = obstacles(sound(test=True), start)
    assert "empty test.jsonl" in finding.message


def test_a_missing_backend_comes_first(start, monkeypatch):
    monkeypatch.setattr(surroundings, "missing_backend", lambda: "No MLX backend is installed.")
    assert obstacles(sound(batch_size=5), start)[0].message == "No MLX backend is installed."


def test_what_stands_around_is_told(start):
    (start / "out").mkdir()
    shutil.copy(start / "model" / "model.safetensors", start / "out" / "adapters.safetensors")
    shutil.copy(start / "model" / "model.safetensors", start / "out" / "0000100_adapters.safetensors")
    (start / "out" / "adapter_config.json").write_text('{"num_layers": 3}')
    (start / "out-2").mkdir()
    values = sound(data="dat", adapter_path="out/", resume_adapter_file="out/adapters.safetensors").values
    around = look_around(values, start)
    assert around.model.standing is Standing.FOLDER and around.model_has_config
    assert (around.data.standing, around.data.means_folder, around.data.like) == (Standing.MISSING, False, "data")
    assert around.adapter.config == {"num_layers": 3} and around.adapter.has_weights
    assert around.adapter.checkpoints == ("0000100_adapters.safetensors",)
    assert around.adapter.bytes == 2 * (start / "model" / "model.safetensors").stat().st_size
    assert around.adapter.free_name == "out-3"
    assert around.resume.tensors is not None and Tensor("F32", (300, 32)) in around.resume.tensors.values()
    assert around.free_bytes is not None and around.free_bytes % (GB // 10) == 0
    assert around.packages == set(surroundings.PACKAGES)


def test_a_folder_that_lies_about_is_no_package(tmp_path, monkeypatch):
    monkeypatch.undo()
    (tmp_path / "swanlab").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert not surroundings._is_installed("swanlab")


def test_an_adapter_of_the_same_shape_is_a_note_and_of_another_a_warning(start):
    from app.config.config import native
    from app.wire.files import write_json

    (start / "out").mkdir()
    (start / "out" / "adapters.safetensors").touch()
    config = sound(adapter_path="out")
    write_json(start / "out" / "adapter_config.json", native(config))
    assert found(context_at(config, start))["adapter-stands"].level == "note"
    other = found(context_at(edit(config, "lora_parameters.rank", 16), start))["other-adapter-stands"]
    assert other.level == "warning" and "rank 8" in other.message


def test_another_configuration_is_looked_at_anew_only_where_it_names_other_places(start):
    context = context_at(sound(), start)
    mended = changed(context, edit(context.config, "num_layers", 1))
    assert mended.surroundings is context.surroundings and mended.model is context.model
    assert mended.sizes is not None and context.sizes is not None
    assert mended.sizes.adapter_bytes * 2 == context.sizes.adapter_bytes
    moved = changed(context, edit(context.config, "data", "nowhere"))
    assert moved.surroundings is not None and moved.surroundings.data.standing is Standing.MISSING
    assert moved.rows.train is None


def test_nothing_is_said_of_places_that_nobody_has_looked_at(start):
    from dataclasses import replace

    context = replace(context_at(sound(model="./no", data="./no", resume_adapter_file="no"), start), surroundings=None)
    about_places = {"model-missing", "data-missing", "resume-file-missing", "no-rows"}
    assert not about_places & {finding.code for finding in check(context)}


def test_defaults_are_told_as_such(start):
    config = edit(defaults(), "train", True)
    assert {"model-not-set", "data-not-set"} <= {finding.code for finding in check(context_at(config, start))}
    assert "data-not-set" not in found(context_at(edit(config, "hf_dataset", {"path": "org/name"}), start))
