"""How much memory the GPU may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class CeilingSource(Enum):
    """Who sets the ceiling."""

    METAL = "metal"
    """`recommendedMaxWorkingSetSize`: a share of the memory that a Mac's GPU and processor have in common, moved by
    `sysctl iogpu.wired_limit_mb`. No fixed share: 11.84 GB of 16 and 107.5 of 128 have been seen."""
    CUDA = "cuda"
    """The card's own memory, all of it: what other programs hold there is not taken off."""


@dataclass(frozen=True)
class GpuCeiling:
    bytes: int
    source: CeilingSource


def ceiling_of(device: Mapping[str, object]) -> GpuCeiling | None:
    """The ceiling in what the engine's `device` command tells; None for a processor or an unknown device.

    The keys are those of `mx.device_info` in mlx 0.32 (mlx/backend/*/device_info.cpp).
    """
    match device:
        case {"backend": "metal", "max_recommended_working_set_size": int(size)} if size > 0:
            return GpuCeiling(size, CeilingSource.METAL)
        case {"backend": "cuda", "total_memory": int(size)} if size > 0:
            return GpuCeiling(size, CeilingSource.CUDA)
    return None
