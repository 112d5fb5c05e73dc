"""Fails loudly when mlx-lm moves: its options, defaults, signatures and what it hands to callbacks."""

import ast
import dataclasses
import inspect

import mlx.core as mx
import mlx_lm.utils
import pytest
from mlx import nn
from mlx_lm import lora
from mlx_lm.tuner import callbacks, datasets, trainer
from mlx_lm.tuner import utils as tuner_utils

from app.config.parameter import Kind
from app.config.registry import BY_KEY, PARAMETERS
from tests.config.toy_training import Layer, toy, train_toy

OPTIONS = {action.dest: action for action in lora.build_parser()._actions if action.dest not in ("help", "config")}
DEFAULTS = {key: value for key, value in lora.CONFIG_DEFAULTS.items() if key not in ("config", "lora_parameters")} | {
    f"lora_parameters.{key}": value for key, value in lora.CONFIG_DEFAULTS["lora_parameters"].items()
}

# What mlx-lm reads by getattr or get, so that its own table of defaults lacks it.
READ_BY_NAME = {"hf_dataset", "prompt_feature", "completion_feature", "chat_feature", "text_feature"}
READ_BY_NAME |= {"lora_parameters.keys"}


def test_the_registry_holds_what_mlx_lm_reads_and_nothing_else():
    assert set(OPTIONS) <= set(DEFAULTS)
    assert {p.key for p in PARAMETERS if not p.view} == set(DEFAULTS) | READ_BY_NAME


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_default_is_mlx_lms(key):
    assert BY_KEY[key].default == DEFAULTS[key]
    assert type(BY_KEY[key].default) is type(DEFAULTS[key])


@pytest.mark.parametrize("option", OPTIONS)
def test_type_and_choices_are_those_of_the_command_line(option):
    action, parameter = OPTIONS[option], BY_KEY[option]
    kinds = {
        int: {Kind.INTEGER},
        mlx_lm.utils._parse_size: {Kind.INTEGER},
        float: {Kind.NUMBER},
        str: {Kind.TEXT, Kind.PATH, Kind.CHOICE},
        None: {Kind.SWITCH},
    }
    assert parameter.kind in kinds[action.type]
    assert (parameter.kind is Kind.SWITCH) is (action.const is True)
    assert parameter.choices == tuple(action.choices or ())


def test_stock_overlooks_in_yaml_what_its_parser_has_already_filled():
    filled = {key for key, value in vars(lora.build_parser().parse_args([])).items() if value is not None}
    assert {p.key for p in PARAMETERS if not p.read_from_yaml} == filled


def test_clear_cache_threshold_still_never_reaches_the_trainer():
    assert "clear_cache_threshold" not in inspect.getsource(lora.train_model)


def test_names_of_fields_and_their_defaults_are_those_that_datasets_reads():
    tree = ast.parse(inspect.getsource(datasets.create_dataset))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "getattr"]
    read = {call.args[1].value: call.args[2].value for call in calls}
    assert read == {
        key: BY_KEY[key].default
        for key in ("mask_prompt", "prompt_feature", "completion_feature", "chat_feature", "text_feature")
    }
    assert 'getattr(args, "hf_dataset", False)' in inspect.getsource(datasets.load_dataset)


def test_lora_keys_are_optional_and_scale_is_not():
    source = inspect.getsource(tuner_utils.linear_to_lora_layers)
    assert 'config.get("keys", None)' in source
    with pytest.raises(KeyError, match="scale"):
        tuner_utils.linear_to_lora_layers(None, 1, {"rank": 8, "dropout": 0.0})


@pytest.mark.parametrize("name", ["cosine_decay", "linear_schedule", "exponential_decay", "step_decay"])
def test_a_schedule_that_help_names_can_be_built(name):
    assert name in BY_KEY["lr_schedule"].help
    arguments = {"cosine_decay": [0.1, 10], "linear_schedule": [0.1, 0.0, 10], "step_decay": [0.1, 0.5, 10]}
    config = {"name": name, "arguments": arguments.get(name, [0.1, 0.5]), "warmup": 2, "warmup_init": 0.0}
    schedule = tuner_utils.build_schedule(config)
    assert mx.array(schedule(mx.array(2))).item() == pytest.approx(0.1)


SIGNATURES = {
    trainer.train: [
        "model", "optimizer", "train_dataset", "val_dataset", "args", "loss", "iterate_batches",
        "training_callback",
    ],
    trainer.evaluate: [
        "model", "dataset", "batch_size", "num_batches", "max_seq_length", "loss", "iterate_batches",
        "clear_cache_threshold", "progress_callback",
    ],
    trainer.iterate_batches: ["dataset", "batch_size", "max_seq_length", "loop", "seed", "comm_group"],
    trainer.default_loss: ["model", "batch", "lengths"],
    tuner_utils.linear_to_lora_layers: ["model", "num_layers", "config", "use_dora"],
    tuner_utils.load_adapters: ["model", "adapter_path"],
    tuner_utils.build_schedule: ["schedule_config"],
    datasets.load_dataset: ["args", "tokenizer"],
    datasets.create_dataset: ["data", "tokenizer", "config"],
    callbacks.get_reporting_callbacks: ["report_to", "project_name", "log_dir", "config"],
    mlx_lm.utils.save_config: ["config", "config_path", "keep_vision_config"],
}  # fmt: skip


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__name__)
def test_signature(function):
    assert list(inspect.signature(function).parameters) == SIGNATURES[function]


def test_training_arguments():
    assert [field.name for field in dataclasses.fields(trainer.TrainingArgs)] == [
        "batch_size", "iters", "val_batches", "steps_per_report", "steps_per_eval", "steps_per_save",
        "max_seq_length", "adapter_file", "grad_checkpoint", "grad_accumulation_steps",
        "clear_cache_threshold",
    ]  # fmt: skip


def test_callbacks_receive_these_fields(tmp_path):
    mx.disable_compile()
    try:
        told = train_toy(tmp_path)
    finally:
        mx.enable_compile()
    assert {frozenset(info) for info in told.train} == {
        frozenset({
            "iteration", "train_loss", "learning_rate", "iterations_per_second", "tokens_per_second",
            "trained_tokens", "peak_memory",
        })
    }  # fmt: skip
    assert {frozenset(info) for info in told.validation} == {frozenset({"iteration", "val_loss", "val_time"})}
    assert [info["iteration"] for info in told.train] == [1, 2]
    assert [info["iteration"] for info in told.validation] == [0, 1]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("checkpointed", [False, True])
def test_checkpointing_redraws_dropout_as_help_says(monkeypatch, dropout, checkpointed):
    """The toy is linear in `lora_b`, so `lora_b · gradient` is what the adapter adds to its outputs' sum."""
    monkeypatch.setattr(Layer, "__call__", Layer.__call__)  # grad_checkpoint replaces it for good
    model = toy(num_layers=1, dropout=dropout)
    adapter = model.layers[-1].proj
    tokens = mx.arange(16)[None]
    bare = model(tokens).sum()
    adapter.lora_b = mx.random.normal(adapter.lora_b.shape)
    if checkpointed:
        trainer.grad_checkpoint(model.layers[0])
    model.train()
    total, gradient = nn.value_and_grad(model, lambda model, tokens: model(tokens).sum())(model, tokens)
    added = (adapter.lora_b * gradient["layers"][-1]["proj"]["lora_b"]).sum()
    consistent = added.item() == pytest.approx((total - bare).item(), rel=1e-2)
    assert consistent is not (checkpointed and dropout > 0)
