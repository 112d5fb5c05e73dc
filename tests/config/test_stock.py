"""Our account of what mlx-lm reads, held to mlx-lm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlx_lm import lora

from app.config import yaml_values
from app.config.config import READ_WHERE_PRESENT, defaults, native
from app.config.document import parse, read
from app.config.registry import BY_KEY, PARAMETERS
from app.config.stock import alike, differences, stock
from tests.config.stock_reader import stock_arguments
from tests.config.yaml_files import yaml_files

SCALARS = ["1e-5", "1E5", "1e+5", ".5", ".5e3", "1.", "1_000", "1e", "-1e-5", "1:30", "1:30.5", ".inf", "0x10"]
SCALARS += ["010", "yes", "~", "null", "2024-01-02", "1.5e3", "+.5", "'1e-5'", "=", "-", "12e03", "1_0e1"]


def _reading(text: str, load: Callable[[str], Any]) -> str:
    try:
        return repr(load(f"a: {text}"))
    except (yaml.YAMLError, ValueError):
        return "refused"


def _is_read_alike(text: str) -> bool:
    theirs = _reading(text, lambda whole: yaml.load(whole, lora.yaml_loader))
    return _reading(text, yaml_values.load) == theirs


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_are_read_as_mlx_lm_reads_them(text: str) -> None:
    assert _is_read_alike(text)


@given(st.text("0123456789+-._eE:infa", max_size=8))
def test_any_number_like_text_is_read_as_mlx_lm_reads_it(text: str) -> None:
    assert _is_read_alike(text)


def test_defaults_are_mlx_lms() -> None:
    theirs = {key: value for key, value in lora.CONFIG_DEFAULTS.items() if key != "config"}
    assert native(defaults()) == theirs


def _agrees_with_mlx_lm(path: Path) -> None:
    theirs = stock_arguments(path)
    ours = stock(read(path)).config
    for key in lora.CONFIG_DEFAULTS.keys() - {"config", "optimizer"}:
        assert alike(ours[key], theirs[key]), key
    assert str(ours["optimizer"]) == str(theirs["optimizer"]).lower()
    for key in READ_WHERE_PRESENT:
        default = BY_KEY[key].default
        assert ours.get(key, default) == theirs.get(key, default), key


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=yaml_files())
def test_any_file_is_read_as_mlx_lm_reads_it(file: Any, tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    path.write_bytes(file.text.encode())
    _agrees_with_mlx_lm(path)


@pytest.mark.parametrize(
    "text",
    [
        "trust_remote_code: true\nclear_cache_threshold: 5\nreport_to: wandb\nproject_name: p\n",
        "optimizer: AdamW\nlora_parameters: null\niters: null\nseed: 1\nseed: 2\n",
        "prompt_feature: null\ntext_feature: body\nchat_feature: messages\nhf_dataset: {path: x}\n",
        "config: other.yaml\nlearning-rate: 1\nlora_rank: 3\nepochs: 2\nhf_dataset: null\n",
        "lora_parameters: {rank: 4}\noptimizer_config: {adamw: {}}\n",
        "base: &b {iters: 5}\n<<: *b\n",
    ],
)
def test_odd_files_are_read_as_mlx_lm_reads_them(text: str, tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    path.write_text(text)
    _agrees_with_mlx_lm(path)


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("lora_parameters: {rank: 4, dropout: 0.0}", "lacks scale"),
        ("lora_parameters: {scale: 4, dropout: 0.0}", "lacks rank"),
        ("lora_parameters: [1]", "not a mapping"),
        ("lora_parameters: {rank: 4}\nfine_tune_type: full", None),
        ("lora_parameters: 4\nfine_tune_type: full", None),
        ("iters: 1e3", "iters is 1000.0"),
        ('learning_rate: "1e-5"', "learning_rate is '1e-5'"),
        ("iters: 5", None),
    ],
)
def test_how_mlx_lm_stumbles(text: str, failure: str | None) -> None:
    said = stock(parse(text, None)).failure
    assert said is None if failure is None else failure in str(said)


def test_differences_name_what_is_lost() -> None:
    config = native(defaults())
    assert config["lora_parameters"]["scale"] == 20.0
    found = differences(parse("fine_tune_type: dora\nlora_parameters: {rank: 4}\n", None), defaults())
    assert {(one.key, one.ours, one.stock) for one in found} == {
        ("fine_tune_type", "lora", "dora"),
        ("lora_parameters.rank", 8, 4),
        ("lora_parameters.scale", 20.0, None),
        ("lora_parameters.dropout", 0.0, None),
    }


def test_alike_is_equality_as_mlx_lm_sees_it() -> None:
    assert alike(20, 20.0) and alike({"a": [1]}, {"a": [1.0]}) and alike(None, None)
    assert not alike(True, 1) and not alike("1", 1) and not alike([1], [1, 2])


def test_every_parameter_has_a_default_in_the_reading() -> None:
    read_keys = {parameter.key.partition(".")[0] for parameter in PARAMETERS if not parameter.view}
    assert set(stock(parse("", None)).config) | set(READ_WHERE_PRESENT) == read_keys
