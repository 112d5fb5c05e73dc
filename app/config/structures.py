"""What mlx-lm expects inside `lr_schedule`, `optimizer_config` and `hf_dataset`."""

import sys
from collections.abc import Callable
from typing import Any

from app.config.registry import BY_KEY

LARGEST = sys.float_info.max
"""A whole number of YAML may have more digits than a float can hold."""

MOST_UPDATES = 2**63 - 1
"""A larger whole number makes mlx raise `std::bad_cast`, at the first update."""

_ARGUMENTS = {
    "cosine_decay": (2, 3),
    "linear_schedule": (3,),
    "exponential_decay": (2,),
    "step_decay": (3,),
}
"""Schedules of mlx.optimizers.schedulers that numbers alone can call, and how many each takes."""

_STEPS = {"cosine_decay": 1, "linear_schedule": 2, "step_decay": 2}
"""Which argument is the number of updates: mlx refuses one below 1."""


def check_structure(key: str, value: Any) -> str | None:
    """Why mlx-lm would stumble over this value, in one sentence; None when it would not."""
    return _foreign(value) or _CHECKS[key](value)


def _foreign(value: Any) -> str | None:
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            return "Every name in it must be text; put the others in quotes."
        return next(filter(None, map(_foreign, value.values())), None)
    if isinstance(value, list):
        return next(filter(None, map(_foreign, value)), None)
    if isinstance(value, int | float) and not abs(value) <= LARGEST:
        return "Numbers in it must be finite, and none as large as these."
    if value is None or isinstance(value, bool | int | float | str):
        return None
    return f"{value!s:.40} is read as a {type(value).__name__}; put it in quotes."


def _check_schedule(value: Any) -> str | None:
    example = "such as {name: cosine_decay, arguments: [1e-5, 1000], warmup: 100}"
    if not isinstance(value, dict) or "name" not in value or "arguments" not in value:
        return f"This wants name and arguments, {example}."
    name, arguments = value["name"], value["arguments"]
    if name not in tuple(_ARGUMENTS):
        return f"name must be one of {', '.join(_ARGUMENTS)}."
    if not isinstance(arguments, list) or not all(map(_is_number, arguments)):
        return "arguments must be a list of numbers without quotes, such as [1e-5, 1000]."
    if len(arguments) not in _ARGUMENTS[name]:
        count = " or ".join(map(str, _ARGUMENTS[name]))
        return f"{name} takes {count} arguments, not {len(arguments)}."
    if name in ("cosine_decay", "linear_schedule", "step_decay") and arguments[_STEPS[name]] < 1:
        return f"{name} counts updates from 1: its number of them must be 1 or more."
    if max(map(abs, filter(_is_whole, arguments)), default=0) > MOST_UPDATES:
        return f"No number of {name} may be above {MOST_UPDATES}: mlx cannot count so far."
    return _check_warmup(value)


def _check_warmup(value: dict[str, Any]) -> str | None:
    if not _is_number(value.get("warmup", 0)) or isinstance(value.get("warmup"), float):
        return "warmup must be a whole number of updates."
    if value.get("warmup", 0) < 0:
        return "warmup must be 0 or more."
    if value.get("warmup", 0) > MOST_UPDATES:
        return f"warmup must be at most {MOST_UPDATES}: mlx cannot count further."
    if not _is_number(value.get("warmup_init", 0.0)):
        return "warmup_init must be a number without quotes."
    return None


def _check_optimizers(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "This wants settings under an optimizer's name, such as {adamw: {weight_decay: 0.01}}."
    for name, settings in value.items():
        if not isinstance(settings, dict) and name in BY_KEY["optimizer"].choices:
            return f"{name} wants settings, such as {{weight_decay: 0.01}}, or {{}} for none."
        if not isinstance(settings, dict):
            return f"{name} is no optimizer; put it under one, such as {{adamw: {{{name}: ...}}}}."
        if "learning_rate" in settings:
            return f"learning_rate inside {name} makes mlx-lm fail; set the learning_rate of the file."
    return None


def _check_dataset(value: Any) -> str | None:
    datasets = value if isinstance(value, list) else [value]
    if not datasets or not all(isinstance(one, dict) and isinstance(one.get("path"), str) for one in datasets):
        return "This wants a mapping with path, such as {path: org/name}, or a list of them."
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int)


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "lr_schedule": _check_schedule,
    "optimizer_config": _check_optimizers,
    "hf_dataset": _check_dataset,
}
