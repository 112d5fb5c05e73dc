"""The demo's run: the same for a screen and for a plain line."""

from pathlib import Path

from app.config.dialect import resolve
from app.config.document import read
from app.machine.backend import installed_backends
from app.session.training import begin
from app.wire.run_folder import RunFolder


def begin_demo(file: Path, runs_dir: Path) -> RunFolder:
    """A new run of the demo's file. Raises RunError."""
    document = read(file)
    # Else MLX compiles 33 kernels for the CPU before the first step: 16 s that a model this small never earns back
    uncompiled = {"MLX_DISABLE_COMPILE": "1"} if "cpu" in installed_backends() else {}
    config = resolve(document).config
    return begin(config, document.text, file, file.parent, runs_dir, overwrite=True, environment=uncompiled)
