"""What an adapter file was trained with, told by the names and shapes of its tensors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.models.facts import Tensor

_LORA_WEIGHT = re.compile(r"(?:.*\.)?layers\.(\d+)\.(.+)\.(lora_a|lora_b|m)")
_FULL_WEIGHT = re.compile(r"(?:.*\.)?layers\.(\d+)\.(.+)")


@dataclass(frozen=True)
class AdapterShape:
    modules: frozenset[tuple[int, str]]
    """Layer, and the path of a module in it; of a tensor in it where the layers themselves were trained."""
    ranks: frozenset[int]
    is_dora: bool
    is_full: bool


def adapter_shape(tensors: Mapping[str, Tensor]) -> AdapterShape:
    lora = {name: found for name in tensors if (found := _LORA_WEIGHT.fullmatch(name))}
    if not lora:
        full = (_FULL_WEIGHT.fullmatch(name) for name in tensors)
        return AdapterShape(frozenset((int(found[1]), found[2]) for found in full if found), frozenset(), False, True)
    ranks = frozenset(_rank(tensors[name]) for name, found in lora.items() if found[3] == "lora_a")
    modules = frozenset((int(found[1]), found[2]) for found in lora.values())
    return AdapterShape(modules, ranks, any(found[3] == "m" for found in lora.values()), False)


def _rank(first: Tensor) -> int:
    """Of `lora_a`: inputs by rank, and for experts a stack of rank by inputs."""
    return first.shape[-2] if len(first.shape) == 3 else first.shape[-1]
