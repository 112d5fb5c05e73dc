"""Have the modules of a model listed, by an engine process that builds mlx-lm's own model without its weights."""

import json
import select
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.machine.backend import missing_backend
from app.models.cache import find_model
from app.models.facts import ModelError, ModelFacts
from app.wire.files import read_json
from app.wire.module_tree import ModuleTree, decode_tree
from app.wire.process import engine_command

_LOOK_EVERY = 0.1
"""Seconds until a cancel is heard."""


def learn_modules(
    name: str, start: Path, trusts_remote_code: bool, cancelled: Callable[[], bool] = lambda: False
) -> ModuleTree | str | None:
    """Of the model that mlx-lm, started in `start`, takes for `name`; None when cancelled.

    A sentence when they cannot be known. Takes seconds, most of them for the imports of the engine's process, which is
    gone when this returns. Nothing is downloaded.
    """
    try:
        facts = find_model(name, start)
    except ModelError as error:
        return str(error)
    if facts is None or facts.folder is None:
        return f"{name} is not on this computer, so its modules are not known: download it, or choose another model."
    if facts.cannot_train and not trusts_remote_code:
        return facts.cannot_train
    return missing_backend() or _ask(facts, facts.folder, trusts_remote_code, cancelled)


def _ask(
    facts: ModelFacts, folder: Path, trusts_remote_code: bool, cancelled: Callable[[], bool]
) -> ModuleTree | str | None:
    has_weights = bool(facts.tensors) and not facts.missing_files
    request = {
        "folder": str(folder.absolute()) if has_weights else None,
        "model_config": None if has_weights else read_json(folder / "config.json"),
        "trusts_remote_code": trusts_remote_code,
    }
    try:
        process = _start()
    except OSError as error:
        return f"The process that lists the modules cannot be started: {error.strerror}."
    try:
        line = _answer(process, json.dumps(request).encode("ascii") + b"\n", cancelled)
    finally:
        process.kill()
        with suppress(BrokenPipeError):
            process.communicate()
    return None if line is None else _decoded(line)


def _start() -> subprocess.Popen:
    return subprocess.Popen(
        engine_command("modules"),
        stdin=subprocess.PIPE,  # held open: the engine ends when it closes, however the app ends
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _answer(process: subprocess.Popen, request: bytes, cancelled: Callable[[], bool]) -> bytes | None:
    """The answer's line, empty when the process ended without one; None when cancelled."""
    assert process.stdin and process.stdout
    with suppress(BrokenPipeError):
        process.stdin.write(request)
        process.stdin.flush()
    while not cancelled():
        if select.select([process.stdout], [], [], _LOOK_EVERY)[0]:
            return bytes(process.stdout.readline())
    return None


def _decoded(line: bytes) -> ModuleTree | str:
    try:
        answer = json.loads(line)
        return str(answer["problem"]) if "problem" in answer else decode_tree(answer)
    except (ValueError, KeyError, TypeError):
        return "The process that lists the modules ended while it built this model."
