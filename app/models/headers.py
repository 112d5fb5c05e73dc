"""The header of a safetensors file: its tensors, told without reading one weight.

The format is an unsigned 64-bit little-endian length, that many bytes of JSON, and the tensors' bytes end to end:
https://github.com/huggingface/safetensors#format.
"""

import json
import math
import os
from pathlib import Path
from typing import Any

from app.models.facts import ModelError, Tensor

BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32,
    "U64": 64, "I64": 64, "F64": 64, "C64": 64,
}  # fmt: skip
"""Bits of one element, by dtype."""

_LONGEST = 100_000_000
"""Bytes; the safetensors library refuses a longer header too (MAX_HEADER_SIZE)."""


def read_header(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by name. Raises ModelError when it is no whole safetensors file, OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, _LONGEST):
            raise ModelError(f"{path} is torn or no safetensors file: download or copy it again.")
        text = file.read(length)
    try:
        entries = json.loads(text)
        entries.pop("__metadata__", None)
        tensors = {name: _tensor(entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ModelError(f"{path} has a garbled safetensors header: download or copy it again.") from None
    if (promised := 8 + length + sum(map(tensor_bytes, tensors.values()))) != size:
        raise ModelError(f"{path} is torn: its header promises {promised} bytes and it has {size}; get it again.")
    return tensors


def tensor_bytes(tensor: Tensor) -> int:
    """Bytes of a tensor's elements."""
    return math.prod(tensor.shape) * BITS[tensor.dtype] // 8


def _tensor(entry: dict[str, Any]) -> Tensor:
    """Raises ValueError, KeyError or TypeError for an entry that contradicts itself."""
    tensor = Tensor(entry["dtype"], tuple(entry["shape"]))
    start, end = entry["data_offsets"]
    if not all(type(size) is int and size >= 0 for size in (*tensor.shape, start, end)):
        raise ValueError("sizes are whole numbers")
    if tensor_bytes(tensor) != end - start:
        raise ValueError("the offsets do not hold the shape")
    return tensor
