"""The next sensible number up or down, for the keys that step a field."""

import math

from app.config.numbers import number_text, tidy
from app.config.parameter import Kind
from app.config.registry import BY_KEY
from app.config.values import check_value

DOUBLING = ("batch_size", "grad_accumulation_steps", "lora_parameters.rank", "lora_alpha", "lora_parameters.scale")
BY_SCALE = ("learning_rate", "iters", "steps_per_report", "steps_per_eval", "save_every", "val_batches", "test_batches")
"""1, 2, 5, 10, 20, ...: what people choose of quantities that span powers of ten."""
FIXED = {"max_seq_length": 256, "lora_parameters.dropout": 0.05, "epochs": 1}
"""Others go by one."""
_FAR = 1e11
"""No quantity of a training comes near, and above it `tidy` takes neighbours for the same number."""


def stepped(key: str, text: str, direction: int) -> str | None:
    """The text of the next value in that direction; None where `text` is no number or there is none that will do.

    Epochs, which are no parameter, stay above 0, and nothing steps from 0 or more to less than nothing.
    """
    try:
        value = float(text)
    except ValueError:
        return None
    if not abs(value) < _FAR:
        return None
    found = _next(key, value, direction)
    parameter = BY_KEY.get(key)
    if parameter is not None and parameter.kind is Kind.INTEGER:
        found = round(found)
    if found == value or found < 0 <= value or (check_value(parameter, found) if parameter else found <= 0):
        return None
    return number_text(tidy(found))


def _next(key: str, value: float, direction: int) -> float:
    if key in DOUBLING and value > 0:
        return value * 2 if direction > 0 else value / 2
    if key in BY_SCALE and value > 0:
        return _round_number(value, direction)
    step = FIXED.get(key, 1)
    steps = math.floor(value / step + 1e-9) + 1 if direction > 0 else math.ceil(value / step - 1e-9) - 1
    return steps * step


def _round_number(value: float, direction: int) -> float:
    power = math.floor(math.log10(value))
    ladder = [mantissa * 10.0**exponent for exponent in range(power - 1, power + 2) for mantissa in (1, 2, 5)]
    beyond = [rung for rung in ladder if (rung - value) * direction > value * 1e-9]
    return min(beyond) if direction > 0 else max(beyond)
