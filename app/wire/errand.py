"""One request to a process of its own: started, followed while it tells how far it is, and gone when nobody waits.

The process reads the request, a line of JSON, from its input, which stays open: it ends when that closes, however the
app ends (app/wire/answering.py is that side). It tells lines of JSON, those with `done` on its way, the last one is
the answer.
"""

import json
import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_LOOK_EVERY = 0.1
"""Seconds until a cancel is heard."""
_LAST_WORDS = 4000
"""Bytes of standard error that are looked at."""


class ErrandFailed(Exception):
    """The process ended without an answer. Its text is the end of a sentence: how it ended, and its last words."""


def run_errand(
    command: list[str],
    request: Mapping[str, Any],
    folder: Path,
    on_progress: Callable[[Mapping[str, Any]], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any] | None:
    """The answer of a process that works in `folder`; None when cancelled. Raises ErrandFailed, OSError.

    The process is gone when this returns or raises.
    """
    with tempfile.TemporaryFile() as stderr:
        process = _start(command, folder, stderr)
        try:
            finished, answer = _follow(process, json.dumps(request).encode("ascii") + b"\n", on_progress, cancelled)
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                process.communicate()
        if finished and answer is None:
            raise ErrandFailed(_last_words(stderr, process.returncode))
        return answer


def _start(command: list[str], folder: Path, stderr: IO[bytes]) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=folder,
        start_new_session=True,  # Ctrl-C in a terminal is for the app
    )


def _follow(
    process: subprocess.Popen,
    request: bytes,
    on_progress: Callable[[Mapping[str, Any]], None],
    cancelled: Callable[[], bool],
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
            on_progress(message)
    return False, None


def _last_words(stderr: IO[bytes], code: int) -> str:
    stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - _LAST_WORDS))
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    words = stderr.read().decode(errors="replace").strip()
    return f"{how}: {words.splitlines()[-1] if words else 'it said nothing'}"
