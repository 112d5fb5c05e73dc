"""What a training needs of memory, part by part."""

from dataclasses import dataclass

from app.models.adapters import TrainedSizes
from app.models.facts import ModelFacts


@dataclass(frozen=True)
class Part:
    """Something that lies in memory for the whole training, in bytes."""

    name: str
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """Bytes at MLX's peak, as `mx.get_peak_memory` counts: neither its cache of free buffers nor Python is in it."""

    parts: tuple[Part, ...]
    """What is counted exactly, parts of nothing left out."""
    low_bytes: int
    """Certainly needed: the sum of the parts."""
    peak_bytes: int | None
    """Most likely; None until the training step has been traced."""
    high_bytes: int | None
    """The upper end of the error band of `peak_bytes`."""
    method: str
    """How it was found, in a few words."""


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
    parts = tuple(Part(name, size) for name, size in sizes_by_name.items() if size)
    return Estimate(parts, sum(part.bytes for part in parts), None, None, "exact parts alone")
