"""The demo on this computer: built once in the cache folder, by an engine process."""

import json
import subprocess
from pathlib import Path

import platformdirs

from app import __version__
from app.machine.backend import missing_backend
from app.runs.folder import RunError
from app.wire.process import engine_command


def prepare_demo(folder: Path | None = None) -> Path:
    """The demo's `demo.yaml`, built where it is missing, which takes seconds. Raises RunError.

    Its paths are relative to its own folder, where a run of it has to start.
    """
    cache = Path(platformdirs.user_cache_dir("tunedeck", appauthor=False))
    folder = folder or cache / f"demo-{__version__}"
    config = folder / "demo.yaml"
    if config.is_file():
        return config
    if problem := missing_backend():
        raise RunError(problem)
    done = subprocess.run(
        engine_command("demo", str(folder)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return _answer(done)


def _answer(done: subprocess.CompletedProcess[str]) -> Path:
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        raise RunError(f"The demo could not be built: {last or f'exit code {done.returncode}'}.") from None
    if "config" not in answer:
        raise RunError(answer["error"])
    return Path(answer["config"])
