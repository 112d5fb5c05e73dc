"""This computer in a few words, for the record of a run."""

import os
import platform
from importlib import metadata

import psutil

from app.machine.backend import installed_backends


def machine_facts() -> dict[str, object]:
    """System, processor, memory in bytes and MLX backend."""
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "backend": list(installed_backends()),
    }


def versions() -> dict[str, str | None]:
    """Versions of Python, Tunedeck and the packages that decide what is trained; None when not installed."""
    names = ("tunedeck", "mlx", "mlx-lm", "transformers")
    return {"python": platform.python_version()} | {name: _version(name) for name in names}


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
