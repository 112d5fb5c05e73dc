"""Ask MLX how much memory the GPU may use."""

import json
import subprocess

from app.machine.backend import installed_backends
from app.machine.gpu import GpuCeiling, ceiling_of
from app.wire.process import engine_command


def gpu_ceiling(patience: float = 15.0) -> GpuCeiling | None:
    """The GPU's ceiling, from an engine process; None where there is no GPU or no answer.

    `patience` is in seconds. Where no GPU backend is installed nothing is started.
    """
    if not set(installed_backends()) - {"cpu"}:
        return None
    try:
        done = subprocess.run(
            engine_command("device"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=patience,
            check=False,
        )
        device = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return ceiling_of(device) if isinstance(device, dict) else None
