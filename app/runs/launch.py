"""Start a run's trainer so that nothing ties it to whoever started it."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from app.machine.backend import missing_backend
from app.runs.adapter import busy_adapter, existing_adapter
from app.runs.folder import RunError, manifest
from app.wire.process import engine_command
from app.wire.run_folder import RunFolder

TAKEN_UP = "--- the trainer is started again ---"
"""The line of a run's log where one trainer's words end and the next one's begin."""
_PATIENCE = 15.0
"""Seconds for the supervisor to record its trainer. It takes about 0.2 s on a slow machine."""


def launch(run: RunFolder, environment: Mapping[str, str] | None = None) -> None:
    """Start the run in an OS session of its own and return once its process is on record.

    No terminal, pipe or parent is left to it: its output goes to the log, and it outlives the caller.
    `environment` adds to the trainer's variables. Raises RunError when it must not or cannot start.
    """
    facts = manifest(run)
    _check(facts, has_begun=run.log.exists())
    for leftover in (run.stop, run.exit, run.trainer, run.pulse):
        leftover.unlink(missing_ok=True)
    with run.log.open("ab") as log:
        if log.tell():
            log.write(f"\n{TAKEN_UP}\n".encode())
            log.flush()
        try:
            process = subprocess.Popen(
                engine_command("train", str(run.path)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=facts["start_directory"],
                env=_environment() | dict(environment or {}),
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(f"The run cannot start in {facts['start_directory']}: {error.strerror}.") from error
    _await_record(run, process)
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays a zombie of a long-lived caller


def _check(facts: dict, has_begun: bool) -> None:
    adapter = Path(facts["adapter_path"])
    problem = missing_backend()
    if facts["trains"]:
        problem = problem or busy_adapter(adapter)
        if not facts.get("overwrite") and not (facts.get("continued") and has_begun):
            problem = problem or existing_adapter(adapter)
    if problem:
        raise RunError(problem)


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "AGX_RELAX_CDM_CTXSTORE_TIMEOUT": "1",  # macOS's GPU watchdog kills long kernels otherwise (mlx#3267)
        "TOKENIZERS_PARALLELISM": "true",  # as mlx_lm.lora sets it
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _await_record(run: RunFolder, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not run.trainer.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RunError(f"The run's process did not start; {run.log} says why.")
        time.sleep(0.02)
