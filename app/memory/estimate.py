"""What a training needs of memory, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from app.models.adapters import TrainedSizes
from app.models.facts import ModelFacts


class Method(Enum):
    """How an estimate was found, in words; a better one comes later."""

    PARTS = "exact parts alone"
    NEIGHBOUR = "like a similar training that was traced"
    TRACED = "the training step, traced"
    PROBED = "the training step, traced, and corrected by what a probe measured here"


@dataclass(frozen=True)
class Part:
    """Something that lies in memory at the peak, in bytes."""

    name: str
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """Bytes at MLX's peak, as `mx.get_peak_memory` counts: neither its cache of free buffers nor Python is in it."""

    parts: tuple[Part, ...]
    """What makes up the peak, parts of nothing left out; while that is not known, what is counted exactly."""
    low_bytes: int
    """The lower end of the error band; while no peak is known, the sum of the exact parts."""
    peak_bytes: int | None
    """Most likely; None until the training step has been traced."""
    high_bytes: int | None
    """The upper end of the error band of `peak_bytes`."""
    method: Method
    phase: str = ""
    """Which step peaks: update, accumulate (one that only adds up gradients) or validate."""
    origin: str = ""
    """Where the error band comes from."""


def exact_parts(facts: ModelFacts, sizes: TrainedSizes | None, *, full: bool) -> Estimate | None:
    """What is known without a trace; None while the size of the weights is not. Gradients and activations come on top.

    `full` fine-tuning trains the model's own weights, so that its trained weights are not counted again. Without
    `sizes` the weights alone are counted.
    """
    if facts.weight_bytes is None:
        return None
    sizes_by_name = {"weights": facts.weight_bytes}
    if sizes is not None:
        sizes_by_name |= {"adapter": 0 if full else sizes.adapter_bytes, "optimizer": sizes.optimizer_bytes}
    parts = parts_of(sizes_by_name)
    return Estimate(parts, sum(part.bytes for part in parts), None, None, Method.PARTS)


def parts_of(sizes: Mapping[str, int]) -> tuple[Part, ...]:
    """Parts of nothing left out."""
    return tuple(Part(name, size) for name, size in sizes.items() if size)
