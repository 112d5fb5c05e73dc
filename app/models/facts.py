"""What is known of a base model without loading it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class ModelError(Exception):
    """Why the facts of a model cannot be had, in one sentence."""


class Source(Enum):
    """Where the facts were read."""

    FOLDER = "folder"
    CACHE = "hub cache"
    HUB = "hub"


@dataclass(frozen=True)
class Quantization:
    """MLX's affine quantization: `bits` a weight, one scale and one bias for every `group_size` weights."""

    bits: int
    group_size: int
    modules: Mapping[str, "Quantization"] = field(default_factory=dict)
    """Modules that config.json packs otherwise, by their path: mlx-lm keeps MoE gates at 8 bits, for one."""


@dataclass(frozen=True)
class Tensor:
    """One stored tensor: its safetensors dtype (`BF16`, `U32`, ...) and shape."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ModelFacts:
    """Counts are None where the source does not tell. `name` is what a configuration calls the model."""

    name: str
    source: Source
    folder: Path | None
    """Where config.json stands on this computer; None when only the hub was asked."""
    model_type: str
    layers: int | None
    hidden_size: int | None
    vocabulary: int | None
    parameters: int | None
    """Weights, quantized ones counted one by one; scales and biases of the quantization are not weights."""
    weight_bytes: int | None
    """Exact bytes of all stored tensors, scales and biases included. mlx-lm loads fewer of a model that also sees."""
    dtype: str | None
    """Of most weights, as config.json or the tensors say: `bfloat16`, `float16`, `float32`."""
    quantization: Quantization | None
    tensors: Mapping[str, Tensor]
    """By name, from the safetensors headers; empty where they are not known."""
    missing_files: tuple[str, ...]
    """Weight files that the index names and that are not on this computer; `model.safetensors` where there is none."""
    has_chat_template: bool | None
    cannot_train: str | None
    """Why mlx-lm cannot train it, in one sentence; None when it can, as far as is known here."""
