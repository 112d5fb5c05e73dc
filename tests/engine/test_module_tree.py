"""The engine's list of modules, asked for as the app asks: in a process of its own, from files as they come."""

import json
import shutil
from pathlib import Path

import pytest

from app.engine.module_tree import tree_of
from app.models.module_tree import learn_modules
from app.wire.module_tree import decode_tree, encode_tree
from tests.models.architectures import build, write_config


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("models") / "packed", "qwen3_moe", bits=4)


def in_process(folder: Path):
    from mlx_lm.utils import load_model

    return tree_of(load_model(folder, lazy=True)[0])


def test_it_is_the_tree_of_mlx_lms_own_model(model):
    tree = learn_modules(str(model), Path.cwd(), trusts_remote_code=False)
    assert tree == in_process(model)
    assert decode_tree(json.loads(encode_tree(tree))) == tree
    query = tree.layers[0].targets["self_attn.q_proj"]
    assert (query.kind, query.inputs, query.outputs, query.bits) == ("QuantizedLinear", 64, 64, 4)
    assert "self_attn" in tree.layers[0].others


def test_without_weights_it_is_told_from_config_json_alone(model, tmp_path):
    shutil.copy(model / "config.json", tmp_path)
    assert learn_modules(str(tmp_path), Path.cwd(), trusts_remote_code=False) == in_process(model)


def test_what_cannot_be_listed_is_said_in_a_sentence(model, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    ask = lambda folder: learn_modules(str(folder), tmp_path, trusts_remote_code=False)  # noqa: E731
    assert ask("nobody/nothing").startswith("nobody/nothing is not on this computer")
    torn = tmp_path / "torn"
    torn.mkdir()
    shutil.copy(model / "config.json", torn)
    write_config(torn, num_attention_heads=None)
    assert "cannot be built" in ask(torn)
    write_config(torn, model_file="own.py")
    assert "trust_remote_code" in ask(torn)
    monkeypatch.setattr("app.models.module_tree.missing_backend", lambda: "No MLX backend is installed.")
    assert ask(model) == "No MLX backend is installed."


def test_it_can_be_given_up(model):
    assert learn_modules(str(model), Path.cwd(), trusts_remote_code=False, cancelled=lambda: True) is None
