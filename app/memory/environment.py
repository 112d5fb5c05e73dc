"""What decides, besides the training itself, what MLX does: its version and its backend."""

from dataclasses import dataclass

from app.machine.backend import installed_backends

SIMULATOR = 1
"""Raised when the tracer or the simulator change what they predict."""


@dataclass(frozen=True)
class Environment:
    """`backend` is cpu, metal or cuda."""

    backend: str
    mlx: str
    mlx_lm: str

    @property
    def predictor(self) -> str:
        """MLX's version and the simulator's: what was measured against one prediction says nothing of another."""
        return f"{self.mlx}, simulator {SIMULATOR}"

    def __str__(self) -> str:
        return f"{self.backend}, mlx {self.mlx}, mlx-lm {self.mlx_lm}"


def environment() -> Environment:
    """Of this installation. Reads the metadata of packages, which takes some 25 ms at first."""
    backends = installed_backends()
    backend = "metal" if "metal" in backends else "cuda" if any(each != "cpu" for each in backends) else "cpu"
    return Environment(backend, _version("mlx"), _version("mlx-lm"))


def _version(distribution: str) -> str:
    from importlib import metadata  # 20 ms that the file's values need not wait for

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
