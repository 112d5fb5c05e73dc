"""Have the rows of a dataset counted in tokens, by an engine process that has the model's own tokenizer."""

import json
import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from app.data.lengths import Lengths, decode_lengths
from app.data.lengths_cache import Question, load_lengths, question, save_lengths
from app.machine.backend import missing_backend
from app.models.cache import find_model
from app.models.facts import ModelError
from app.wire.process import engine_command

_LOOK_EVERY = 0.1
"""Seconds until a cancel is heard."""
_LAST_WORDS = 4000
"""Bytes of standard error that are looked at."""

OnProgress = Callable[[str, int], None]
"""Given `train` or `valid` and the rows counted so far, a few times a second."""


def learn_lengths(
    config: Mapping[str, Any],
    start_directory: Path,
    cache_folder: Path,
    on_progress: OnProgress = lambda name, done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Lengths | str | None:
    """The lengths under a native configuration as mlx-lm reads it in `start_directory`; None when cancelled.

    A sentence when they cannot be known. At once where `cache_folder` has them; else an engine process counts, for
    seconds to minutes, and is gone when this returns or raises. Nothing is downloaded.
    """
    asked = _question(config, start_directory)
    if asked and (known := load_lengths(cache_folder, asked)):
        return known
    if problem := missing_backend():
        return problem
    answer = _ask(config, start_directory, on_progress, cancelled)
    if not isinstance(answer, dict):
        return answer
    lengths = decode_lengths(answer)
    if asked:
        save_lengths(cache_folder, asked, answer)
    return lengths


def _question(config: Mapping[str, Any], start: Path) -> Question | None:
    """None for what has no files here by which it would be known again: data of a hub, a model that is missing."""
    model_name, data_name = config.get("model"), config.get("data")
    if not model_name or not data_name or config.get("hf_dataset"):
        return None
    data = start.absolute() / str(data_name)
    try:
        model = find_model(str(model_name), start.absolute())
        is_local = data.is_dir()
    except (ModelError, OSError):  # torn weights, say: the tokenizer may be whole
        return None
    return question(config, data, model.folder) if is_local and model and model.folder else None


def _ask(
    config: Mapping[str, Any], start: Path, on_progress: OnProgress, cancelled: Callable[[], bool]
) -> dict[str, Any] | str | None:
    """The engine's answer, or a sentence in its place; None when cancelled."""
    request = {"config": config, "trusts_remote_code": bool(config.get("trust_remote_code"))}
    with tempfile.TemporaryFile() as stderr:
        try:
            process = _start(start, stderr)
        except OSError as error:
            return f"The rows cannot be counted in {start}: {error.strerror}."
        try:
            finished, answer = _follow(process, json.dumps(request).encode("ascii") + b"\n", on_progress, cancelled)
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                process.communicate()
        if not finished:
            return None
        return answer.get("problem", answer) if answer else _last_words(stderr, process.returncode)


def _start(start: Path, stderr: IO[bytes]) -> subprocess.Popen:
    return subprocess.Popen(
        engine_command("lengths"),
        stdin=subprocess.PIPE,  # held open: the engine ends when it closes, however the app ends
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=start,
        start_new_session=True,
    )


def _follow(
    process: subprocess.Popen, request: bytes, on_progress: OnProgress, cancelled: Callable[[], bool]
) -> tuple[bool, dict[str, Any] | None]:
    """Whether it came to an end uncancelled, and the answer; None when the process ended without one."""
    assert process.stdin and process.stdout
    with suppress(BrokenPipeError):
        process.stdin.write(request)
        process.stdin.flush()
    output, torn = process.stdout.fileno(), b""
    while not cancelled():
        if not select.select([output], [], [], _LOOK_EVERY)[0]:
            continue
        if not (read := os.read(output, 1 << 16)):
            process.wait()
            return True, None
        *lines, torn = (torn + read).split(b"\n")
        for message in map(json.loads, lines):
            if "done" not in message:
                return True, message
            on_progress(message["set"], message["done"])
    return False, None


def _last_words(stderr: IO[bytes], code: int) -> str:
    stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - _LAST_WORDS))
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    words = stderr.read().decode(errors="replace").strip()
    return f"The process that counts the rows {how}: {words.splitlines()[-1] if words else 'it said nothing'}"
