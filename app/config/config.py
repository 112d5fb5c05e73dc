"""A training configuration: a value for every parameter, and where each value came from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from app.config.numbers import tidy
from app.config.registry import PARAMETERS

RANK, SCALE, ALPHA = "lora_parameters.rank", "lora_parameters.scale", "lora_alpha"
DROPOUT, KEYS = "lora_parameters.dropout", "lora_parameters.keys"
METHOD, DORA = "fine_tune_type", "use_dora"

LORA_BLOCK = "lora_parameters"

READ_WHERE_PRESENT = ("hf_dataset", "prompt_feature", "completion_feature", "chat_feature", "text_feature")
"""Keys that mlx-lm looks for in a file and has no entry for in CONFIG_DEFAULTS."""


class Origin(Enum):
    """Who gave a parameter its value."""

    DEFAULT = "default"
    FILE = "file"
    PRESET = "preset"
    TYPED = "typed"


@dataclass(frozen=True)
class Config:
    """`values` and `origins` hold every parameter of the registry by key, views included; never change them.

    `alpha` is None while scale is the anchor. Otherwise alpha is: it stays when rank changes, scale follows.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, Origin]
    alpha: float | None = None


def defaults() -> Config:
    """What mlx-lm trains when nothing is said."""
    return Config(
        {parameter.key: parameter.default for parameter in PARAMETERS},
        {parameter.key: Origin.DEFAULT for parameter in PARAMETERS},
    )


def edit(config: Config, key: str, value: Any, origin: Origin = Origin.TYPED) -> Config:
    """The configuration with `key` set to a value that `check_value` accepts; its other views follow."""
    values = {**config.values, key: value}
    alpha = config.alpha
    if key == ALPHA:
        alpha = value
    elif key == SCALE:
        alpha = None
    elif key == DORA:
        values[METHOD] = "dora" if value else _without_dora(values[METHOD])
    if key in (ALPHA, RANK) and alpha is not None:
        values[SCALE] = alpha / values[RANK]
    values[ALPHA] = tidy(values[SCALE] * values[RANK]) if alpha is None else alpha
    values[DORA] = values[METHOD] == "dora"
    changed = {name for name in values if values[name] != config.values[name]} | {key}
    return replace(config, values=values, origins={**config.origins, **dict.fromkeys(changed, origin)}, alpha=alpha)


def native(config: Config) -> dict[str, Any]:
    """The mapping that mlx-lm's trainer gets: CONFIG_DEFAULTS's keys, and what a file may add to them."""
    mapping: dict[str, Any] = {}
    for parameter in PARAMETERS:
        value = config.values[parameter.key]
        if parameter.view or (parameter.key in READ_WHERE_PRESENT and value == parameter.default):
            continue
        block, _, name = parameter.key.rpartition(".")
        if not block:
            mapping[name] = value
        elif value is not None:
            mapping.setdefault(block, {})[name] = value
    return mapping


def _without_dora(method: str) -> str:
    return "lora" if method == "dora" else method
