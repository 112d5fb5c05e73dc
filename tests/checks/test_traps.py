"""What the rules say that plain mlx-lm does in silence, seen in its own runs. What it says aloud, the corpus holds."""

import inspect
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
import pytest
from mlx import nn
from mlx_lm import load, lora
from mlx_lm.tuner import callbacks, datasets, trainer
from mlx_lm.tuner.dora import DoRALinear
from mlx_lm.tuner.lora import LoRALinear

from app.checks.installation import TRACKERS
from app.checks.optimizers import SETTINGS
from app.checks.ready import context_at
from app.config.dialect import resolve
from app.config.document import parse
from app.models.adapter_shape import adapter_shape
from app.models.headers import read_header
from tests.checks.stock_training import Ended, stock
from tests.checks.world import here, native_mapping, tiny, world  # noqa: F401
from tests.config.toy_training import rows

BLOCK = {"rank": 4, "dropout": 0.0, "scale": 2.0}
TRAINED = "trained/adapters.safetensors"


@pytest.fixture
def train(here: Path):  # noqa: F811
    """Runs `mlx_lm.lora -c` on a file of `native_mapping` with changes; None takes a key out."""

    def train(**changes: Any) -> Ended:
        mapping = {key: value for key, value in native_mapping(**changes).items() if value is not None}
        (here / "train.yaml").write_text(json.dumps(mapping))
        return stock(here / "train.yaml")

    return train


def adapter(folder: str = "adapters") -> dict[str, mx.array]:
    return mx.load(f"{folder}/adapters.safetensors")  # type: ignore[return-value]


def same(one: dict[str, mx.array], other: dict[str, mx.array]) -> bool:
    return one.keys() == other.keys() and all(mx.array_equal(one[name], other[name]).item() for name in one)


def modules(file: str) -> set[tuple[int, str]]:
    return set(adapter_shape(read_header(Path(file))).modules)


# Keys that nobody hears


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lora_rank", 16), ("lora_alpha", 16), ("lora_dropout", 0.5), ("use_dora", True), ("epochs", 3),
        ("warmup_steps", 10), ("weight_decay", 0.1), ("gradient_accumulation_steps", 4), ("lora_layers", 1),
    ],
)  # fmt: skip
def test_foreign_keys_change_nothing_and_are_written_into_the_adapters_configuration(train, key, value):
    assert train().is_sound
    plain = adapter()
    ended = train(**{key: value})
    assert ended.is_sound and same(adapter(), plain)
    assert json.loads(Path("adapters/adapter_config.json").read_text())[key] == value


def test_what_the_command_line_has_already_filled_is_not_heard_in_a_file(train):
    given = train(trust_remote_code=True, clear_cache_threshold=5).given
    assert given is not None
    assert (given.trust_remote_code, given.clear_cache_threshold) == (False, 0)


def test_a_quoted_false_is_true(train):
    ended = train(grad_checkpoint="false")
    assert ended.is_sound and ended.given is not None and ended.given.grad_checkpoint


def test_of_a_key_that_stands_twice_the_last_counts(here):  # noqa: F811
    (here / "train.yaml").write_text(json.dumps(native_mapping(seed=1))[:-1] + ', "seed": 2}')
    assert stock(here / "train.yaml").given.seed == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("settings", [{"adamw": {"weight_decay": 0.9}}, {"weight_decay": 0.9}])
def test_an_optimizer_hears_its_own_section_alone(train, monkeypatch, settings):
    heard: dict[str, Any] = {}

    class Adam(optim.Adam):
        def __init__(self, **settings: Any):
            heard.update(settings)
            super().__init__(**settings)

    monkeypatch.setattr(lora.optim, "Adam", Adam)
    assert train(optimizer="adam", optimizer_config=settings).is_sound
    assert heard.keys() == {"learning_rate"}


def test_a_project_without_a_tracker_is_nothing():
    assert callbacks.get_reporting_callbacks(None, project_name="harbour") is None


# What is taken when nothing is said, or something is mistyped


@pytest.mark.parametrize(("name", "asked"), [(None, "Qwen/Qwen3-0.6b"), ("modell", "modell")])
def test_without_a_model_or_with_a_mistyped_one_mlx_lm_goes_to_the_hub(train, monkeypatch, name, asked):
    monkeypatch.setattr(lora, "load", lambda model, **_: (_ for _ in ()).throw(LookupError(model)))
    assert train(model=name).error == f"LookupError: {asked}"


@pytest.mark.parametrize(
    ("name", "asked"), [(None, "mlx-community/WikiSQL"), ("dta", "dta"), ("./dta", "./dta"), ("~/data", "~/data")]
)
def test_without_data_or_with_a_mistyped_folder_mlx_lm_goes_to_the_hub(train, monkeypatch, name, asked):
    monkeypatch.setattr(datasets, "load_hf_dataset", lambda data, *_: (_ for _ in ()).throw(LookupError(data)))
    assert train(data=name).error == f"LookupError: {asked}"


# Modules and layers


def test_a_key_that_matches_nothing_beside_one_that_does_is_left_out(train):
    assert train(lora_parameters={**BLOCK, "keys": ["self_attn.q_proj", "v_proj"]}).is_sound
    assert modules("adapters/adapters.safetensors") == {(0, "self_attn.q_proj"), (1, "self_attn.q_proj")}


@pytest.mark.parametrize("layers", [0, -1, -5])
def test_any_number_of_layers_below_one_means_all_and_no_keys_every_module(train, here, layers):  # noqa: F811
    assert train(num_layers=layers).is_sound
    context = context_at(resolve(parse(json.dumps(native_mapping()), None)).config, here)
    assert modules("adapters/adapters.safetensors") == {(layer, path) for layer in (0, 1) for path in _linears(context)}


def _linears(context):
    from app.checks.modules import trained_linears

    return set(trained_linears(context))


def test_full_trains_the_layers_alone(train):
    assert train(fine_tune_type="full").is_sound
    assert all(name.startswith("model.layers.") for name in adapter())


@pytest.mark.parametrize("kind", [LoRALinear, DoRALinear])
def test_scale_multiplies_what_the_adapter_adds(kind):
    adapted = kind.from_base(nn.Linear(8, 8), r=2, scale=3.0, dropout=0.0)
    assert adapted.scale == 3.0
    single = LoRALinear.from_base(adapted.linear, r=2, scale=1.0, dropout=0.0)
    triple = LoRALinear.from_base(adapted.linear, r=2, scale=3.0, dropout=0.0)
    single.lora_a = triple.lora_a = mx.random.normal((8, 2))
    single.lora_b = triple.lora_b = mx.random.normal((2, 8))
    x = mx.random.normal((1, 8))
    base = adapted.linear(x)
    assert mx.allclose(triple(x) - base, 3 * (single(x) - base), atol=1e-4)


def test_fusing_onto_four_bits_can_erase_an_adapter_and_dequantize_keeps_it():
    mx.random.seed(0)
    base = nn.QuantizedLinear.from_linear(nn.Linear(64, 64), group_size=32, bits=4)
    adapted = LoRALinear.from_base(base, r=2, scale=1.0, dropout=0.0)
    adapted.lora_b = mx.full(adapted.lora_b.shape, 1e-3)
    x = mx.random.normal((1, 64))
    added = adapted(x) - base(x)
    kept, fused = (adapted.fuse(dequantize=each)(x) - base(x) for each in (True, False))
    assert mx.allclose(kept, added, atol=1e-5) and mx.abs(added).max() > 5e-5
    assert mx.abs(fused - added).max() > 0.5 * mx.abs(added).max()


# Counting


def test_fewer_iterations_than_an_update_takes_save_an_untrained_adapter(train):
    assert train(iters=3, grad_accumulation_steps=4).is_sound
    assert all(not weight.any().item() for name, weight in adapter().items() if name.endswith("lora_b"))


def test_iterations_after_the_last_update_are_thrown_away(train):
    assert train(iters=2, grad_accumulation_steps=2, val_batches=-1).is_sound
    two = adapter()
    assert train(iters=3, grad_accumulation_steps=2, val_batches=-1).is_sound
    assert same(adapter(), two)


def test_a_schedule_goes_before_learning_rate_and_counts_updates(train):
    schedule = {"name": "linear_schedule", "arguments": [1e-3, 0.0, 4]}
    ended = train(iters=4, grad_accumulation_steps=2, learning_rate=7.0, lr_schedule=schedule)
    assert ended.rates == pytest.approx([1e-3, 1e-3, 1e-3, 7.5e-4], rel=1e-3)


def test_no_validation_batches_give_nan(train):
    assert all(map(math.isnan, train(val_batches=0).validations))


def test_validation_takes_another_sample_each_time_and_never_the_final_weights(train):
    still = {"iters": 6, "steps_per_eval": 1, "learning_rate": 0.0, "optimizer": "sgd"}
    assert len(set(train(val_batches=1, **still).validations)) > 1
    assert len({round(loss, 5) for loss in train(val_batches=-1, **still).validations}) == 1
    once = {"iters": 1, "val_batches": -1, "optimizer": "sgd"}
    assert train(learning_rate=0.0, **once).validations == train(learning_rate=1e3, **once).validations


def test_workers_share_a_batch_evenly_or_not_at_all():
    group = SimpleNamespace(rank=lambda: 0, size=lambda: 3)
    with pytest.raises(ValueError, match="divisible by the number of workers"):
        next(trainer.iterate_batches(rows(8), batch_size=4, max_seq_length=8, comm_group=group))
    assert next(trainer.iterate_batches(rows(8), batch_size=3, max_seq_length=8, comm_group=group))


# Adapter files


def test_another_rank_is_resumed_from_in_silence_and_the_result_does_not_load(train):
    assert train(resume_adapter_file=TRAINED, lora_parameters={**BLOCK, "rank": 8}).is_sound
    with pytest.raises(ValueError, match="does not match"):
        load("model", adapter_path="adapters")
    assert train(resume_adapter_file=TRAINED).is_sound
    load("model", adapter_path="adapters")


@pytest.mark.parametrize("changes", [{"num_layers": 1}, {"fine_tune_type": "full"}, {"fine_tune_type": "dora"}])
def test_another_shape_or_method_is_resumed_from_in_silence(train, changes):
    assert train(resume_adapter_file=TRAINED, **changes).is_sound


def test_a_resumed_run_counts_from_one_and_overwrites_what_it_came_from(train):
    before = read_bytes("trained")
    resumed = train(resume_adapter_file="trained/0000002_adapters.safetensors", adapter_path="trained", save_every=1)
    assert len(resumed.losses) == 2
    after = read_bytes("trained")
    assert before.keys() == after.keys() and all(before[name] != after[name] for name in before)


def test_a_run_that_breaks_off_spoils_the_adapter_that_stood_there(train):
    load("model", adapter_path="trained")
    weights = read_bytes("trained")
    assert train(adapter_path="trained", lora_parameters={**BLOCK, "rank": 8}, batch_size=17).error
    assert read_bytes("trained") == weights
    with pytest.raises(ValueError, match="does not match"):
        load("model", adapter_path="trained")


def test_a_run_writes_as_many_bytes_of_adapters_as_the_rule_counts(train, here):  # noqa: F811
    ended = train(iters=3, save_every=1)
    assert ended.is_sound
    context = context_at(resolve(parse((here / "train.yaml").read_text(), None)).config, here)
    files = sorted(Path("adapters").glob("*.safetensors"))
    assert len(files) == context.derived.checkpoints and context.sizes is not None
    header = files[0].stat().st_size - context.sizes.adapter_bytes
    assert 0 < header < 10_000


def read_bytes(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.safetensors")}


# Tables of ours that mlx and mlx-lm own


CLASSES = {
    "adam": optim.Adam, "adamw": optim.AdamW, "muon": optim.Muon, "sgd": optim.SGD, "adafactor": optim.Adafactor,
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_of_an_optimizer_are_those_of_its_class(name):
    taken = list(inspect.signature(CLASSES[name].__init__).parameters)
    assert sorted(SETTINGS[name]) == sorted(taken[2:]) and taken[1] == "learning_rate"


def test_the_trackers_are_those_of_mlx_lm():
    assert set(TRACKERS) == set(callbacks.SUPPORT_CALLBACK)
