"""What MLX knows of the device that it computes on."""

import json

import mlx.core as mx

_KEPT = (
    "device_name", "architecture", "max_recommended_working_set_size", "memory_size", "total_memory", "free_memory",
)  # fmt: skip
"""mlx's own names. The working set and memory_size are Metal's, total_memory and free_memory CUDA's; a CPU has none."""


def tell_device() -> int:
    """Print the device as one line of JSON."""
    print(json.dumps(device()))
    return 0


def device() -> dict[str, str | int]:
    """The default device: `backend` is cpu, metal or cuda, the rest is what `mx.device_info` has of it, in bytes."""
    backend = "metal" if mx.metal.is_available() else "cuda" if mx.cuda.is_available() else "cpu"
    info = mx.device_info()
    return {"backend": backend} | {key: info[key] for key in _KEPT if key in info}
