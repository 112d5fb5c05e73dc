"""The command line, read again by mlx-lm's own parser."""

import os
import shlex
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlx_lm import lora

from app.config.command_line import command_line, file_command
from app.config.config import READ_WHERE_PRESENT, Config, defaults, edit, native
from app.config.parameter import Kind
from app.config.registry import BY_KEY, PARAMETERS
from app.config.stock import alike, stock_value

FLAGS = {action.dest for action in lora.build_parser()._actions} - {"help", "config"}
SAYABLE = [parameter for parameter in PARAMETERS if parameter.key in FLAGS]


def parsed(words: list[str]) -> dict[str, Any]:
    """The arguments that mlx-lm runs with: its parser, then its defaults, as in its `main`."""
    args = vars(lora.build_parser().parse_args(words))
    for key, value in lora.CONFIG_DEFAULTS.items():
        if args.get(key) is None:
            args[key] = value
    return args


def changed(changes: dict[str, Any]) -> Config:
    config = defaults()
    for key, value in changes.items():
        config = edit(config, key, value)
    return config


def trains(config: Config) -> None:
    """The line says what the configuration says, but for what it names as unsaid."""
    line = command_line(config)
    program, *words = shlex.split(line.text)
    assert program == "mlx_lm.lora"
    theirs, ours = parsed(words), native(config)
    for parameter in PARAMETERS:
        if not parameter.view:
            is_said = alike(stock_value(ours, parameter.key), stock_value(theirs, parameter.key))
            assert is_said == (parameter.key not in line.unsaid), parameter.key


def test_the_program_is_there() -> None:
    assert "mlx_lm.lora" in {script.name for script in metadata.entry_points(group="console_scripts")}


def test_defaults_need_nothing_but_what_nobody_means_by_silence() -> None:
    line = command_line(defaults())
    assert line.text == "mlx_lm.lora --model Qwen/Qwen3-0.6b --data mlx-community/WikiSQL" and not line.unsaid


@pytest.mark.parametrize("key", sorted(FLAGS))
def test_every_flag_of_mlx_lm_is_used(key: str) -> None:
    parameter = BY_KEY[key]
    values = {Kind.SWITCH: True, Kind.INTEGER: 7, Kind.NUMBER: 2.5e-7, Kind.CHOICE: "".join(parameter.choices[-1:])}
    config = changed({key: values.get(parameter.kind, "a 'b' $c")})
    assert "--" + key.replace("_", "-") in command_line(config).text
    assert not command_line(config).unsaid
    trains(config)


def test_what_no_flag_can_say_is_named() -> None:
    config = changed(
        {
            "lora_parameters.rank": 4,
            "lora_alpha": 8,
            "lora_parameters.dropout": 0.1,
            "lora_parameters.keys": ["self_attn.q_proj"],
            "lr_schedule": {"name": "cosine_decay", "arguments": [1e-5, 100]},
            "optimizer_config": {"adamw": {"weight_decay": 0.1}},
            "hf_dataset": {"path": "org/name"},
            "use_dora": True,
            **{key: "field" for key in READ_WHERE_PRESENT if key.endswith("_feature")},
        }
    )
    line = command_line(config)
    assert set(line.unsaid) == {p.key for p in PARAMETERS if p.key not in FLAGS and not p.view}
    assert line.text.endswith("--fine-tune-type dora")
    trains(config)


def test_values_that_argparse_could_take_for_flags() -> None:
    config = changed({"num_layers": -1, "val_batches": -1, "learning_rate": -1e-5, "model": "-x y", "data": "--train"})
    assert "--num-layers=-1" in command_line(config).text
    trains(config)
    trains(changed({"adapter_path": "", "report_to": "wandb,swanlab", "clear_cache_threshold": 10**12}))


def test_a_size_that_its_parser_cannot_read_is_unsaid() -> None:
    assert command_line(changed({"clear_cache_threshold": -1})).unsaid == ("clear_cache_threshold",)


def _values(parameter: Any) -> st.SearchStrategy[Any]:
    numbers = {Kind.INTEGER: st.integers(-1, 10**9), Kind.NUMBER: st.floats(1e-12, 1e3) | st.integers(0, 9)}
    if parameter.kind is Kind.CHOICE:
        return st.sampled_from(parameter.choices)
    text = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" '\"\\$-="), max_size=12)
    return st.booleans() if parameter.kind is Kind.SWITCH else numbers.get(parameter.kind, text)


@given(st.fixed_dictionaries({}, optional={p.key: _values(p) for p in SAYABLE}))
def test_any_configuration_comes_back(changes: dict[str, Any]) -> None:
    trains(changed(changes))


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_control_characters_reach_a_shell_as_escapes(shell: str) -> None:
    model = "x\x1b[201~\n; touch '\\gone' é\x07f\ud800"
    line = command_line(changed({"model": model})).text
    assert line.isprintable()
    script = line.replace("mlx_lm.lora", "printf '%s\\0'", 1)
    try:
        done = subprocess.run([shell, "-c", script], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip(f"{shell} is not installed here")
    assert done.stdout.split(b"\0")[1] == model.encode(errors="surrogatepass")


def test_the_short_line() -> None:
    assert file_command(Path("my configs/a.yaml")) == "mlx_lm.lora -c 'my configs/a.yaml'"
    for name in ("-c.yaml", "a b.yaml", "/x/$y.yaml"):
        program, *words = shlex.split(file_command(Path(name)))
        assert Path(parsed(words)["config"]) == Path(name) and program == "mlx_lm.lora"
    odd = os.fsdecode(b"a\xff.yaml")
    assert file_command(Path(odd)) == "mlx_lm.lora -c $'a\\xff.yaml'"
