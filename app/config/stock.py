"""What plain `mlx_lm.lora -c` makes of a file, so that Tunedeck can say where it reads the file otherwise."""

from dataclasses import dataclass
from typing import Any

from app.config.config import LORA_BLOCK, METHOD, READ_WHERE_PRESENT, Config, defaults, native
from app.config.document import Document
from app.config.parameter import Kind
from app.config.registry import BY_KEY, PARAMETERS


@dataclass(frozen=True)
class StockReading:
    """`config` is the mapping its trainer gets; `failure` says how it stumbles over it, or None."""

    config: dict[str, Any]
    failure: str | None


@dataclass(frozen=True)
class Difference:
    """A parameter that Tunedeck and mlx-lm would train differently from the same file."""

    key: str
    ours: Any
    stock: Any


def stock(document: Document) -> StockReading:
    """mlx_lm/lora.py, `main`: the file's keys, then CONFIG_DEFAULTS where a key is missing or null.

    Two keys never get through: argparse gives them a default of its own, which goes before the file.
    """
    config = native(defaults())
    for parameter in PARAMETERS:
        name = parameter.key
        if name in document.data and parameter.read_from_yaml and not parameter.view:
            if document.data[name] is not None or name in READ_WHERE_PRESENT:
                config[name] = document.data[name]
            if config.get(name) == parameter.default and name in READ_WHERE_PRESENT:
                del config[name]
    if document.data.get(LORA_BLOCK) is not None:
        config[LORA_BLOCK] = document.data[LORA_BLOCK]
    if isinstance(config["optimizer"], str):
        config["optimizer"] = config["optimizer"].lower()  # as its train_model does
    return StockReading(config, _failure(config))


def differences(document: Document, config: Config) -> list[Difference]:
    """Where mlx-lm, given this file, would train other values than `config`."""
    theirs = stock(document).config
    return [
        Difference(parameter.key, config.values[parameter.key], value)
        for parameter in PARAMETERS
        if parameter.read_from_yaml and not parameter.view
        if not alike(config.values[parameter.key], value := stock_value(theirs, parameter.key))
    ]


def stock_value(config: dict[str, Any], key: str) -> Any:
    """A parameter's value in mlx-lm's mapping; None where `lora_parameters` lacks it."""
    block, _, name = key.rpartition(".")
    if not block:
        return config.get(name, BY_KEY[key].default)
    return config[block].get(name) if isinstance(config[block], dict) else None


def alike(one: Any, other: Any) -> bool:
    """Equal for mlx-lm: 20 and 20.0 are, 1 and true are not; what is no number equals itself."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other or repr(one) == repr(other) == "nan")


def _failure(config: dict[str, Any]) -> str | None:
    block = config[LORA_BLOCK]
    if config[METHOD] != "full":
        if not isinstance(block, dict):
            return "mlx-lm fails after loading the model: lora_parameters is not a mapping."
        for name in ("scale", "rank", "dropout"):
            if name not in block:
                return f"mlx-lm fails after loading the model: lora_parameters lacks {name}."
    for parameter in PARAMETERS:
        value = stock_value(config, parameter.key) if not parameter.view else None
        broken = (parameter.kind is Kind.INTEGER and not isinstance(value, int)) or (
            parameter.kind is Kind.NUMBER and not isinstance(value, int | float)
        )
        if broken and value is not None:
            wanted = "a whole number" if parameter.kind is Kind.INTEGER else "a number"
            return f"mlx-lm fails: {parameter.key} is {value!r:.60}, which is not {wanted}."
    return None
