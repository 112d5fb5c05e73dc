"""The configuration in the shape in which mlx-lm's functions take it."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from mlx_lm.lora import CONFIG_DEFAULTS

from app.engine.failures import Failure

_AT_LEAST_ONE = (
    "batch_size", "iters", "steps_per_report", "steps_per_eval", "save_every", "grad_accumulation_steps",
)  # fmt: skip


def arguments(config: Mapping[str, Any]) -> SimpleNamespace:
    """The native mapping as `mlx_lm.lora` holds it: null and missing mean the default. Raises Failure."""
    values = dict(config)
    for key, default in CONFIG_DEFAULTS.items():
        if values.get(key) is None:
            values[key] = default
    for key in _AT_LEAST_ONE:
        if not isinstance(values[key], int) or values[key] < 1:
            raise Failure(f"{key}: {values[key]!r} must be a whole number of at least 1.")
    if not values["train"] and not values["test"]:
        raise Failure("Nothing to do: set train, test or both to true.")
    return SimpleNamespace(**values)
