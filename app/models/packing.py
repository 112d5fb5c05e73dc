"""How many weights stand behind the tensors of a quantized model.

MLX packs a row of weights into 32-bit words, `bits` each, and keeps `scales` and `biases` beside them, one for
every group: https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.quantize.html.
"""

import math
from collections.abc import Mapping

from app.models.facts import Quantization, Tensor

FLOATS = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}
"""The dtypes that mlx-lm trains with, and their names in a config.json."""


def weight_count(tensors: Mapping[str, Tensor], quantization: Quantization | None) -> int | None:
    """Weights of a model, packed ones counted one by one; None when some are packed in a way not known here."""
    total = 0
    for name, tensor in tensors.items():
        module, _, kind = name.rpartition(".")
        if f"{module}.scales" in tensors and kind in ("scales", "biases"):
            continue
        if f"{module}.scales" in tensors and kind == "weight":
            row = packed_row(tensors, module, quantization)
            if row is None:
                return None
            total += math.prod(tensor.shape[:-1]) * row
        elif tensor.dtype in FLOATS:
            total += math.prod(tensor.shape)
        elif kind == "weight":
            return None
    return total


def packed_row(tensors: Mapping[str, Tensor], module: str, quantization: Quantization | None) -> int | None:
    """Weights in a row of a packed module; None when its scales do not bear the quantization out."""
    weight, scales = tensors[f"{module}.weight"], tensors[f"{module}.scales"]
    if quantization is None or weight.dtype != "U32" or scales.dtype not in FLOATS:
        return None
    packing = quantization.modules.get(module, quantization)
    row = scales.shape[-1] * packing.group_size
    return row if row * packing.bits == weight.shape[-1] * 32 else None


def float_dtype(counts: Mapping[str, int]) -> str | None:
    """The name of the commonest float dtype, given how many elements each dtype has."""
    floats = {name: count for name, count in counts.items() if name in FLOATS}
    return FLOATS[max(floats, key=lambda name: floats[name])] if floats else None
