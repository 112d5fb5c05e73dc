"""Facts of a folder are those of the model that mlx-lm loads from it."""

import json
import os
from itertools import product
from pathlib import Path

import mlx.core as mx
import pytest
from mlx.utils import tree_flatten
from mlx_lm import utils

from app.models.facts import ModelError, Quantization, Source
from app.models.folder import read_model
from app.models.headers import read_header
from app.models.layers import PLAIN_TYPES
from tests.models.architectures import build, write_config


def read(folder: Path):
    return read_model(folder, "org/name", Source.CACHE)


def shard(folder: Path, names: tuple[str, str] = ("model-1.safetensors", "model-2.safetensors")) -> None:
    """Two files and an index, as a large model is stored."""
    whole = folder / "model.safetensors"
    weights = list(mx.load(str(whole)).items())
    half = len(weights) // 2
    for name, part in zip(names, (weights[:half], weights[half:]), strict=True):
        mx.save_safetensors(str(folder / name), dict(part))
    index = {name: names[place >= half] for place, (name, _) in enumerate(weights)}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    whole.unlink()


@pytest.mark.parametrize(
    ("model_type", "bits"), [*product(sorted(PLAIN_TYPES), (None, 4)), *product(["llama"], (2, 3, 5, 6, 8))]
)
def test_counts_and_bytes_are_mlx_lms(tmp_path, model_type, bits):
    model, _ = utils.load_model(build(tmp_path, model_type, bits))
    facts = read(tmp_path)
    arrays = [array for _, array in tree_flatten(model.parameters())]
    assert facts.weight_bytes == sum(array.nbytes for array in arrays)
    assert facts.parameters == utils.get_total_parameters(model)
    assert facts.layers == len(model.layers)
    assert (facts.hidden_size, facts.vocabulary, facts.dtype) == (64, 128, "bfloat16")
    assert facts.cannot_train is None
    assert facts.name == "org/name"
    assert facts.quantization is None if bits is None else facts.quantization.bits == bits


def test_shards_are_read_as_one(tmp_path):
    whole = read(build(tmp_path, "llama"))
    shard(tmp_path)
    assert read(tmp_path) == whole


def test_files_are_those_that_mlx_lm_loads(tmp_path):
    build(tmp_path / "[x] 100%", "llama")
    folder = tmp_path / "[x] 100%"
    mx.save_safetensors(str(folder / "consolidated.safetensors"), {"not.read": mx.zeros(3)})
    mx.save_safetensors(str(folder / "model-more.safetensors"), {"read.too": mx.zeros(3)})
    (folder / "model.safetensors.index.json").write_text("garbled")
    facts = read(folder)
    assert "read.too" in facts.tensors
    assert "not.read" not in facts.tensors
    assert facts.missing_files == ()
    (tmp_path / "plain").symlink_to(folder)  # mlx-lm takes brackets in a folder's name for a pattern
    with pytest.raises(ValueError, match=r"read\.too"):
        utils.load_model(tmp_path / "plain")


@pytest.mark.parametrize("broken_link", [False, True])
def test_half_a_download_tells_what_is_missing_and_no_count(tmp_path, broken_link):
    build(tmp_path, "llama")
    shard(tmp_path)
    (tmp_path / "model-2.safetensors").unlink()
    if broken_link:
        (tmp_path / "model-2.safetensors").symlink_to(tmp_path / "blobs" / "gone")
    facts = read(tmp_path)
    assert facts.missing_files == ("model-2.safetensors",)
    assert (facts.parameters, facts.weight_bytes) == (None, None)
    assert facts.layers == 3
    assert facts.tensors.keys() == read_header(tmp_path / "model-1.safetensors").keys()


@pytest.mark.parametrize("broken_link", [False, True])
def test_no_weights_at_all(tmp_path, broken_link):
    build(tmp_path, "llama")
    for name in ("model.safetensors", "model.safetensors.index.json"):
        (tmp_path / name).unlink()
    if broken_link:
        (tmp_path / "model.safetensors").symlink_to("gone")
    facts = read(tmp_path)
    assert facts.missing_files == ("model.safetensors",)
    assert facts.dtype is None
    assert read(write_config(tmp_path, torch_dtype="torch.float16")).dtype == "float16"


@pytest.mark.parametrize("key", ["num_hidden_layers", "n_layers", "num_layers", "n_layer"])
@pytest.mark.parametrize("nested", [False, True])
def test_layers_by_any_name(tmp_path, key, nested):
    counts = {key: 7}
    config = {"model_type": "x", **({"text_config": counts} if nested else counts)}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert read(tmp_path).layers == 7


FOUR = {"bits": 4, "group_size": 64}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"quantization": FOUR}, Quantization(4, 64)),
        (
            {"quantization": FOUR | {"mode": "affine"}, "quantization_config": {"quant_method": "x"}},
            Quantization(4, 64),
        ),
        ({"quantization_config": FOUR}, Quantization(4, 64)),
        ({"text_config": {"quantization_config": FOUR}}, Quantization(4, 64)),
        (
            {"quantization": FOUR | {"a.b": {"bits": 8, "group_size": 32}, "c": False}},
            Quantization(4, 64, {"a.b": Quantization(8, 32)}),
        ),
        ({"quantization": FOUR | {"mode": "mxfp4"}}, None),
        ({"quantization": FOUR | {"a.b": {"bits": 4, "group_size": 16, "mode": "nvfp4"}}}, None),
        ({"quantization_config": FOUR | {"quant_method": "gptq"}}, None),
        ({"quantization_config": {"quant_method": "fp8"}}, None),
        ({"quantization": {"bits": "4", "group_size": 64}}, None),
        ({"quantization": True}, None),
        ({"quantization": None}, None),
        ({}, None),
    ],
)
def test_quantization(tmp_path, entries, expected):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", **entries}))
    assert read(tmp_path).quantization == expected


@pytest.mark.parametrize("mode", ["mxfp4", "mxfp8", "nvfp4"])
def test_another_packing_has_bytes_and_no_count(tmp_path, mode):
    config = json.loads((build(tmp_path, "llama") / "config.json").read_text())
    model, _ = utils.load_model(tmp_path)
    model, config = utils.quantize_model(model, config, None, None, mode)
    utils.save_model(tmp_path, model)
    utils.save_config(config, tmp_path / "config.json")
    facts = read(tmp_path)
    assert facts.weight_bytes == sum(array.nbytes for _, array in tree_flatten(model.parameters()))
    assert (facts.parameters, facts.quantization) == (None, None)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"tokenizer_config.json": "{}"}, False),
        ({"tokenizer_config.json": "garbled"}, None),
        ({"tokenizer_config.json": '{"chat_template": null}'}, False),
        ({"tokenizer_config.json": '{"chat_template": "{{ x }}"}'}, True),
        ({"tokenizer_config.json": '{"chat_template": [{"name": "default", "template": "x"}]}'}, True),
        ({"tokenizer_config.json": '{"chat_template_type": "deepseek_v32"}'}, True),
        ({"tokenizer_config.json": "{}", "chat_template.jinja": "x"}, True),
    ],
)
def test_chat_template(tmp_path, files, expected):
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert read(tmp_path).has_chat_template is expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "has no config.json"),
        ("{", "is not JSON"),
        ("\x00", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "names no model_type"),
        ("{}", "names no model_type"),
        ('{"model_type": 3}', "names no model_type"),
    ],
)
def test_a_bad_config_is_refused_by_name(tmp_path, text, what):
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match=what) as error:
        read(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_is_no_model_folder(tmp_path):
    (tmp_path / "model.gguf").write_text("")
    with pytest.raises(ModelError, match="is a file"):
        read(tmp_path / "model.gguf")


def test_a_torn_shard_is_named(tmp_path):
    build(tmp_path, "llama")
    weights = tmp_path / "model.safetensors"
    os.truncate(weights, weights.stat().st_size - 1)
    with pytest.raises(ModelError, match=r"model\.safetensors is torn"):
        read(tmp_path)


def test_a_config_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "config.json").mkdir()
    with pytest.raises(ModelError, match=r"config\.json cannot be read"):
        read(tmp_path)
