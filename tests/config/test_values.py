"""Typed text, YAML values and shown text of single parameters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.parameter import Kind
from app.config.registry import BY_KEY, PARAMETERS
from app.config.values import check_value, parse_value, show_value


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("iters", " 1600 ", 1600),
        ("iters", "1e3", 1000),
        ("iters", "1_000", 1000),
        ("num_layers", "-1", -1),
        ("learning_rate", "1e-5", 1e-5),
        ("learning_rate", ".0001", 1e-4),
        ("lora_alpha", "8", 8),
        ("lora_alpha", "8.0", 8),
        ("lora_parameters.scale", "20", 20.0),
        ("grad_checkpoint", "Yes", True),
        ("grad_checkpoint", "false", False),
        ("optimizer", "AdamW", "adamw"),
        ("model", "[red]x[/x]", "[red]x[/x]"),
        ("adapter_path", "", ""),
        ("resume_adapter_file", "", None),
        ("lora_parameters.keys", "self_attn.q_proj, self_attn.v_proj", ["self_attn.q_proj", "self_attn.v_proj"]),
        ("lora_parameters.keys", "[a, b]", ["a", "b"]),
        ("lora_parameters.keys", "- a\n- b", ["a", "b"]),
        (
            "lr_schedule",
            "name: cosine_decay\narguments: [1e-5, 100]\nwarmup: 10",
            {"name": "cosine_decay", "arguments": [1e-5, 100], "warmup": 10},
        ),
        ("optimizer_config", "{adamw: {weight_decay: 0.1}}", {"adamw": {"weight_decay": 0.1}}),
        ("hf_dataset", "path: org/name", {"path": "org/name"}),
    ],
)
def test_parse(key: str, text: str, value: Any) -> None:
    parsed = parse_value(BY_KEY[key], text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("iters", "", "default is 1000"),
        ("iters", "many", "Type a number, such as 1000"),
        ("iters", "1.5", "whole number"),
        ("iters", "0", "from 1"),
        ("iters", "9" * 400, "finite"),
        ("learning_rate", "nan", "finite"),
        ("learning_rate", "1,5", "such as 1e-5"),
        ("val_batches", "0", "but not 0"),
        ("lora_parameters.dropout", "1", "up to 1 but not 1"),
        ("seed", "-1", "from 0"),
        ("grad_checkpoint", "maybe", "true or false"),
        ("optimizer", "lion", "adam, adamw"),
        ("lr_schedule", "name: [", "not valid YAML in line"),
        ("lr_schedule", "[" * 3000, "nested too deeply"),
        ("lr_schedule", "5", "name and arguments"),
        ("lr_schedule", "{name: cosine, arguments: [1]}", "must be one of"),
        ("lr_schedule", "{name: [x], arguments: [1]}", "must be one of"),
        ("lr_schedule", '{name: cosine_decay, arguments: ["1e-5", 1]}', "without quotes"),
        ("lr_schedule", "{name: linear_schedule, arguments: [1, 2]}", "takes 3 arguments"),
        ("lr_schedule", "{name: cosine_decay, arguments: [1, 2], warmup: 1.5}", "whole number of updates"),
        ("lr_schedule", "{name: cosine_decay, arguments: [.nan, 2]}", "finite"),
        ("lr_schedule", "{name: cosine_decay, arguments: [1" + "0" * 400 + ", 2]}", "finite"),
        ("lr_schedule", "{name: cosine_decay, arguments: [1e-5, 0]}", "1 or more"),
        ("lr_schedule", "{name: linear_schedule, arguments: [1e-5, 1e-6, -3]}", "1 or more"),
        ("lr_schedule", "{name: step_decay, arguments: [1e-5, 0.9, 0]}", "1 or more"),
        ("lr_schedule", "{name: cosine_decay, arguments: [1, 2], warmup: -3}", "0 or more"),
        ("lr_schedule", f"{{name: cosine_decay, arguments: [1, 2], warmup: {2**63}}}", "mlx cannot count further"),
        ("lr_schedule", f"{{name: cosine_decay, arguments: [1e-5, {2**63}]}}", "mlx cannot count so far"),
        ("optimizer_config", "{weight_decay: 0.1}", "under one"),
        ("optimizer_config", "{adam: 1}", "wants settings"),
        ("optimizer_config", "{adam: {learning_rate: 1}}", "fail"),
        ("hf_dataset", "{name: x}", "path"),
        ("hf_dataset", "[]", "path"),
        ("hf_dataset", "{path: x, revision: 2024-01-01}", "read as a date"),
        ("lora_parameters.keys", "[1, 2]", "list of names"),
        ("lora_parameters.keys", "[]", "leave it out"),
    ],
)
def test_parse_refuses_with_a_way_out(key: str, text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_value(BY_KEY[key], text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("learning_rate", "1e-5", "write 1e-5 without quotes"),
        ("iters", "1600", "write 1600 without quotes"),
        ("iters", 1e3, "write 1000"),
        ("iters", 1.5, "whole number"),
        ("iters", True, "whole number"),
        ("iters", "many", "is text"),
        ("learning_rate", False, "a number"),
        ("grad_checkpoint", "false", "write false without quotes"),
        ("grad_checkpoint", "On", "write true without quotes"),
        ("grad_checkpoint", 1, "true or false"),
        ("model", 7, "put it in quotes"),
        ("model", ["a"], "not a structure"),
        ("fine_tune_type", "LoRA", "one of lora"),
        ("lora_parameters.keys", "q_proj", "list of names"),
        ("train", None, "needed"),
    ],
)
def test_yaml_values_that_cannot_stand(key: str, value: Any, words: str) -> None:
    complaint = check_value(BY_KEY[key], value)
    assert complaint is not None
    assert words in complaint


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.key)
def test_defaults_stand_and_survive_a_form(parameter: Any) -> None:
    assert check_value(parameter, parameter.default) is None
    assert parse_value(parameter, show_value(parameter, parameter.default)) == parameter.default


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_a_form(number: float) -> None:
    assert parse_value(BY_KEY["learning_rate"], show_value(BY_KEY["learning_rate"], number)) == number


@given(st.text(max_size=20))
def test_no_text_raises_anything_but_a_sentence(text: str) -> None:
    for kind in Kind:
        parameter = next(parameter for parameter in PARAMETERS if parameter.kind is kind)
        try:
            parse_value(parameter, text)
        except ValueError as error:
            assert str(error)


def test_learning_rates_read_as_people_write_them() -> None:
    assert show_value(BY_KEY["learning_rate"], 1e-05) == "1e-5"
    assert show_value(BY_KEY["learning_rate"], 2.5e-05) == "2.5e-5"
    assert show_value(BY_KEY["lora_parameters.scale"], 20.0) == "20.0"
    assert show_value(BY_KEY["report_to"], None) == ""
