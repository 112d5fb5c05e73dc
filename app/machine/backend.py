"""Which MLX backend is installed, found without importing mlx."""

import platform

_LINUX = {"mlx-cpu": "cpu", "mlx-cuda-12": "cuda12", "mlx-cuda-13": "cuda13"}
"""Distribution and the extra that brings it, as mlx's own metadata names them."""
_MAC = "mlx-metal"


def installed_backends() -> tuple[str, ...]:
    """The extras (`cpu`, `cuda12`, `cuda13`) or `metal` whose distributions are here, sorted."""
    found = [extra for name, extra in _LINUX.items() if _is_installed(name)]
    if _is_installed(_MAC):
        found.append("metal")
    return tuple(sorted(found))


def missing_backend() -> str | None:
    """Why no engine can run here and what to install, as one sentence; None when all is well."""
    found = installed_backends()
    if platform.system() == "Darwin":
        return None if "metal" in found else _no_metal()
    if not found:
        return (
            "No MLX backend is installed: install Tunedeck again with its extra cpu, cuda12 or cuda13, "
            'for example pip install ".[cpu]" in its folder.'
        )
    if len(found) > 1:
        return (
            f"The MLX backends {' and '.join(found)} are installed together and overwrite each other: "
            "make a fresh environment with one of them."
        )
    return None


def _no_metal() -> str:
    if platform.machine() != "arm64":
        return "MLX needs a Mac with Apple silicon: on this one Tunedeck can edit and check, not train."
    return "MLX's Metal backend is missing: install Tunedeck again on macOS 14 or later with an arm64 Python."


def _is_installed(distribution: str) -> bool:
    from importlib import metadata  # 25 ms that the app's first paint need not wait for

    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
