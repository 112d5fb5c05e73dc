"""A row as the model will see it, told by an engine process that has the model's tokenizer and template."""

import json
import subprocess
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from app.data.dataset import FileFacts
from app.data.line_ranges import lines_in
from app.data.scan_workers import PIECE
from app.machine.backend import missing_backend
from app.wire.process import engine_command, start_talking

_PATIENCE = 120.0
"""Seconds for one row: a tokenizer is loaded with the first, and imports take seconds on a slow disk."""
_LONGEST = 1 << 22
"""Bytes of a row that is shown."""
_DIED = "The process that tokenizes rows ended before its time: ask again for another."


@dataclass(frozen=True)
class Token:
    text: str
    """What it adds to the text; empty for a part of a character that a later token completes. Untrusted."""
    id: int
    is_special: bool
    """Whether no text can spell it, as those that a chat template adds."""
    is_trained: bool
    """Whether the model is to predict it; the first token of a row never is."""
    is_cut: bool
    """Whether it lies beyond max_seq_length."""


@dataclass(frozen=True)
class RowView:
    line: int
    raw: str
    """The line itself. Untrusted."""
    tokens: tuple[Token, ...]
    """The first 20,000."""
    length: int
    """Tokens of the whole row."""
    prompt: int
    """Tokens before those that train; 0 without mask_prompt."""

    @property
    def trained(self) -> int:
        """Tokens shown that train."""
        return sum(token.is_trained for token in self.tokens)


class RowLens:
    """Asks a process that lives until `close`, and starts another when it has died. For threads: one is served at a
    time."""

    def __init__(self, start_directory: Path):
        """Names of models are relative to `start_directory`."""
        self._start = start_directory
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()
        self._is_closed = False

    def view(self, file: FileFacts, line: int, config: Mapping[str, Any]) -> RowView | str:
        """Line `line`, from 1, under a native configuration, or a sentence in its place. Blocks for seconds at most."""
        row = read_line(file, line)
        first = read_line(file, 1)
        if not isinstance(row, bytes):
            return row
        if len(row) > _LONGEST:
            return f"{file.path.name}:{line}: This row has {len(row):,} bytes: too long to be shown."
        try:
            raw = row.decode()
        except UnicodeDecodeError:
            return f"{file.path.name}:{line}: This line is not UTF-8 text, so mlx-lm cannot read it."
        request = {
            "config": dict(config),
            "trusts_remote_code": bool(config.get("trust_remote_code")),
            "first": first[:_LONGEST].decode(errors="replace") if isinstance(first, bytes) else "",
            "row": raw,
        }
        if problem := missing_backend():
            return problem
        answer = self._ask(json.dumps(request))
        if "problem" in answer:
            return f"{file.path.name}:{line}: {answer['problem']}"
        return _view(line, raw, answer, config.get("max_seq_length") or 2048)

    def close(self) -> None:
        """End the process, from any thread, also while it is asked."""
        self._is_closed = True
        if (process := self._process) is not None:
            process.kill()
            process.wait()

    def _ask(self, request: str) -> dict[str, Any]:
        with self._lock:
            try:
                process = self._running()
            except OSError as error:
                return {"problem": f"The process that tokenizes rows cannot start: {error.strerror}."}
            assert process.stdin and process.stdout
            overdue = Timer(_PATIENCE, process.kill)
            overdue.start()
            try:
                process.stdin.write(request + "\n")
                process.stdin.flush()
                return json.loads(process.stdout.readline())
            except (OSError, ValueError):
                process.kill()
                process.wait()
                return {"problem": _DIED}
            finally:
                overdue.cancel()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._process = start_talking(engine_command("lens"), folder=self._start)
        if self._is_closed:
            self._process.kill()
        return self._process


def read_line(file: FileFacts, line: int) -> bytes | str:
    """The bytes of a line without its end, or a sentence. Reads some megabytes at most, wherever it stands."""
    if not 1 <= line <= file.rows:
        return f"{file.path.name} has no row {line:,}: it has {file.rows:,}."
    at = bisect_right(file.places, line, key=lambda place: place[0]) - 1
    first, start = file.places[at]
    end = file.places[at + 1][1] if at + 1 < len(file.places) else file.size
    try:
        with file.path.open("rb") as opened:
            lines = lines_in(opened, (start, end), PIECE)
    except OSError as error:
        return f"{file.path}: The file cannot be read: {error.strerror}."
    if line - first >= len(lines):
        return f"{file.path.name} has changed on disk: scan it again."
    return lines[line - first]


def _view(line: int, raw: str, answer: Mapping[str, Any], max_seq_length: int) -> RowView:
    """As mlx_lm.tuner.trainer.default_loss (0.32) masks: a token trains when it is predicted, behind the prompt."""
    prompt, special = answer["prompt"], set(answer["special"])
    tokens = (
        Token(text, id, at in special, max(1, prompt) <= at < max_seq_length, at >= max_seq_length)
        for at, (text, id) in enumerate(zip(answer["pieces"], answer["ids"], strict=True))
    )
    return RowView(line, raw, tuple(tokens), answer["tokens"], prompt)
