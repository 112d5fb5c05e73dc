"""Sizes are held, byte for byte, to what `mlx_lm.lora.train_model` trains and its optimizer keeps."""

import types
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx import nn
from mlx.utils import tree_flatten, tree_map
from mlx_lm import lora, utils

from app.config.config import defaults, native
from app.models.adapters import TrainedSizes, trained_sizes
from app.models.facts import ModelFacts, Source
from app.models.folder import read_model
from app.models.layers import PLAIN_TYPES
from tests.models.architectures import build, store_experts_one_by_one, write_config

DENSE = sorted(PLAIN_TYPES - {"mixtral", "olmoe", "qwen2_moe", "qwen3_moe"})
W1_W2_W3 = {"gate_proj": "w1", "down_proj": "w2", "up_proj": "w3"}
OWN_NAMES = {name: name for name in W1_W2_W3}


def config(**changes: Any) -> dict[str, Any]:
    lora_changes = {key: changes.pop(key) for key in ("rank", "keys") if key in changes}
    mapping = native(defaults()) | {"num_layers": 2} | changes
    return mapping | {"lora_parameters": mapping["lora_parameters"] | lora_changes}


def facts(folder: Path) -> ModelFacts:
    return read_model(folder, "tiny", Source.FOLDER)


class Trainer:
    """What `train_model` hands to its loop: the model made trainable, and the optimizer."""

    def __init__(self, folder: Path, mapping: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
        self.model, _ = utils.load_model(folder)
        self.total = utils.get_total_parameters(self.model)
        self.optimizer: Any = None
        args = lora.CONFIG_DEFAULTS | mapping | {"adapter_path": str(folder / "adapters")}
        monkeypatch.setattr(lora, "train", self._train)
        lora.train_model(types.SimpleNamespace(**args), self.model, [], [])

    def sizes(self, layers: int) -> TrainedSizes:
        trained = [array for _, array in tree_flatten(self.model.trainable_parameters())]
        parameters = sum(array.size for array in trained)
        state = [array for _, array in tree_flatten(self.optimizer.state)]
        return TrainedSizes(layers, parameters, parameters / self.total, _bytes(trained), _bytes(state))

    def step(self) -> None:
        gradients = tree_map(mx.ones_like, self.model.trainable_parameters())
        self.optimizer.update(self.model, gradients)
        mx.eval(self.model.state, self.optimizer.state)

    def loss_and_gradients(self) -> Any:
        tokens = mx.array([[1, 2, 3]])
        return nn.value_and_grad(self.model, lambda model: model(tokens).sum())(self.model)

    def _train(self, model: nn.Module, optimizer: Any, **_: Any) -> None:
        self.optimizer = optimizer
        optimizer.init(model.trainable_parameters())


def _bytes(arrays: list[mx.array]) -> int:
    return sum(array.nbytes for array in arrays)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory):
    """Builds a model once; `model(type, bits)` is its folder."""
    built: dict[tuple[str, int | None], Path] = {}

    def get(model_type: str, bits: int | None = None) -> Path:
        key = (model_type, bits)
        if key not in built:
            built[key] = build(tmp_path_factory.mktemp(f"{model_type}-{bits}"), model_type, bits)
        return built[key]

    return get


@pytest.mark.parametrize("model_type", sorted(PLAIN_TYPES))
@pytest.mark.parametrize(("method", "bits"), [("lora", None), ("lora", 4), ("full", None), ("dora", None), ("dora", 4)])
def test_every_architecture_that_we_say_we_know(model, monkeypatch, model_type, method, bits):
    folder = model(model_type, bits)
    mapping = config(fine_tune_type=method, optimizer="adafactor", rank=3)
    if method == "dora" and model_type not in DENSE:
        assert trained_sizes(facts(folder), mapping) is None
        with pytest.raises(ValueError, match="DoRA"):
            Trainer(folder, mapping, monkeypatch)
    else:
        assert trained_sizes(facts(folder), mapping) == Trainer(folder, mapping, monkeypatch).sizes(2)


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        *((name, {}) for name in ("adam", "AdamW", "sgd", "muon", "adafactor")),
        ("adam", {"bias_correction": True}),
        ("sgd", {"momentum": 0.9}),
        ("adafactor", {"beta_1": 0.9, "relative_step": False}),
    ],
)
@pytest.mark.parametrize(("model_type", "method"), [("llama", "lora"), ("llama", "full"), ("qwen3_moe", "lora")])
def test_the_optimizer_keeps_that_much_before_and_after_a_step(
    model, monkeypatch, optimizer, settings, model_type, method
):
    folder = model(model_type)
    mapping = config(fine_tune_type=method, optimizer=optimizer, optimizer_config={optimizer.lower(): settings})
    trainer = Trainer(folder, mapping, monkeypatch)
    sizes = trained_sizes(facts(folder), mapping)
    assert sizes == trainer.sizes(2)
    trainer.step()
    assert sizes == trainer.sizes(2)


def test_a_schedule_adds_nothing(model, monkeypatch):
    folder = model("llama")
    schedule = {"name": "cosine_decay", "arguments": [1e-3, 10], "warmup": 2}
    mapping = config(lr_schedule=schedule)
    trainer = Trainer(folder, mapping, monkeypatch)
    trainer.step()
    assert trained_sizes(facts(folder), mapping) == trainer.sizes(2)


@pytest.mark.parametrize(("num_layers", "layers"), [(-1, 3), (0, 3), (1, 1), (3, 3)])
def test_layers_are_counted_from_the_last_and_none_means_all(model, monkeypatch, num_layers, layers):
    folder = model("qwen3_moe")  # whose first layer is a dense one
    mapping = config(num_layers=num_layers)
    assert trained_sizes(facts(folder), mapping) == Trainer(folder, mapping, monkeypatch).sizes(layers)


def test_more_layers_than_there_are_have_no_sizes(model, monkeypatch):
    mapping = config(num_layers=4)
    assert trained_sizes(facts(model("llama")), mapping) is None
    with pytest.raises(ValueError, match="only has 3 layers"):
        Trainer(model("llama"), mapping, monkeypatch)


@pytest.mark.parametrize(
    ("model_type", "keys"),
    [
        ("llama", ["self_attn.q_proj", "self_attn.v_proj"]),
        ("phi3", ["self_attn.qkv_proj", "mlp.gate_up_proj", "mlp.down_proj"]),
        ("qwen3_moe", ["mlp.gate", "mlp.switch_mlp.up_proj", "mlp.up_proj"]),
        ("mixtral", ["block_sparse_moe.switch_mlp.gate_proj", "self_attn.o_proj"]),
        ("gemma3", ["self_attn.q_proj", "no.such"]),
        ("llama", ["q_proj"]),
        ("llama", []),
    ],
)
@pytest.mark.parametrize("bits", [None, 4])
def test_keys_choose_modules(model, monkeypatch, model_type, keys, bits):
    folder = model(model_type, bits)
    mapping = config(keys=keys, num_layers=3)
    assert trained_sizes(facts(folder), mapping) == Trainer(folder, mapping, monkeypatch).sizes(3)


@pytest.mark.parametrize("key", ["mlp", "self_attn", "input_layernorm", ""])
def test_keys_of_what_gets_no_adapter_have_no_sizes(model, monkeypatch, key):
    mapping = config(keys=["self_attn.q_proj", key])
    assert trained_sizes(facts(model("llama")), mapping) is None
    with pytest.raises(ValueError, match="Can't convert"):
        Trainer(model("llama"), mapping, monkeypatch)


@pytest.mark.parametrize("key", ["lm_head", "model.embed_tokens", "model.layers.0.self_attn.q_proj"])
def test_keys_that_reach_outside_the_layers_are_left_to_mlx_lm(model, monkeypatch, key):
    mapping = config(keys=[key])
    assert trained_sizes(facts(model("llama")), mapping) is None
    assert Trainer(model("llama"), mapping, monkeypatch).sizes(2).parameters > 0


@pytest.mark.parametrize(
    ("model_type", "names"), [("mixtral", W1_W2_W3), ("qwen3_moe", OWN_NAMES), ("olmoe", OWN_NAMES)]
)
@pytest.mark.parametrize("method", ["lora", "full"])
def test_experts_that_are_stored_one_by_one(tmp_path, monkeypatch, model_type, names, method):
    folder = build(tmp_path, model_type)
    together = facts(folder)
    store_experts_one_by_one(folder, names)
    mapping = config(fine_tune_type=method, optimizer="adafactor")
    apart = facts(folder)
    assert apart.tensors.keys() != together.tensors.keys()
    assert trained_sizes(apart, mapping) == Trainer(folder, mapping, monkeypatch).sizes(2)
    assert trained_sizes(apart, mapping) == trained_sizes(together, mapping)


def test_an_expert_that_is_missing_leaves_no_sizes(tmp_path):
    folder = build(tmp_path, "mixtral")
    store_experts_one_by_one(folder, W1_W2_W3)
    weights = mx.load(str(folder / "model.safetensors"))
    del weights["model.layers.2.block_sparse_moe.experts.1.w1.weight"]
    mx.save_safetensors(str(folder / "model.safetensors"), weights)
    assert trained_sizes(facts(folder), config()) is None


@pytest.mark.parametrize("bits", [2, 3, 5, 6, 8])
def test_weights_of_other_bits(model, monkeypatch, bits):
    folder = model("smollm3", bits)
    assert trained_sizes(facts(folder), config()) == Trainer(folder, config(), monkeypatch).sizes(2)


def test_dora_on_bits_that_do_not_divide_a_word_fails_in_mlx_lm_and_has_no_sizes(model, monkeypatch):
    mapping = config(fine_tune_type="dora")
    assert trained_sizes(facts(model("smollm3", 3)), mapping) is None
    with pytest.raises(ValueError, match="shape"):
        Trainer(model("smollm3", 3), mapping, monkeypatch).loss_and_gradients()


def test_full_on_packed_weights_fails_in_mlx_lm_and_has_no_sizes(model, monkeypatch):
    mapping = config(fine_tune_type="full")
    assert trained_sizes(facts(model("llama", 4)), mapping) is None
    with pytest.raises(RuntimeError, match="no gradient"):
        Trainer(model("llama", 4), mapping, monkeypatch).loss_and_gradients()


def test_packing_that_config_json_does_not_bear_out_is_not_guessed(tmp_path):
    folder = write_config(build(tmp_path, "llama", 4), quantization={"bits": 4, "group_size": 64})
    assert facts(folder).parameters is None
    assert trained_sizes(facts(folder), config()) is None


@pytest.mark.parametrize("changes", [{"model_type": "lfm2"}, {"num_hidden_layers": 4}, {"model_file": "own.py"}])
def test_a_tree_that_names_do_not_tell_has_no_sizes(tmp_path, changes):
    folder = write_config(build(tmp_path, "llama"), **changes)
    assert trained_sizes(facts(folder), config()) is None


def test_a_missing_shard_leaves_no_sizes(tmp_path):
    folder = build(tmp_path, "llama")
    index = folder / "model.safetensors.index.json"
    index.write_text(index.read_text().replace("model.safetensors", "model-2.safetensors", 1))
    assert facts(folder).missing_files == ("model-2.safetensors",)
    assert trained_sizes(facts(folder), config()) is None
