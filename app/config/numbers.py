"""How numbers are written for a person and in YAML: shortest text that reads back as the same number."""

import math
import re


def number_text(value: float) -> str:
    """`1e-5`, `20.0`, `1600`. mlx-lm's YAML rule reads each back as the same value."""
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return re.sub(r"e([-+])0+", r"e\1", repr(value))


def tidy(value: float) -> float:
    """A computed number without the dust of binary fractions, whole where it is whole: 3 * 0.1 is 0.3."""
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
