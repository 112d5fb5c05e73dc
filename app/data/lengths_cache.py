"""Lengths on disk: the rows of a file are counted once, until the file, the tokenizer or what reads them changes."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.data.lengths import Lengths, decode_lengths
from app.wire.files import read_json, write_whole

_FORMAT = 1
"""Raised when the engine counts otherwise."""
_FEATURES = ("prompt_feature", "completion_feature", "text_feature", "chat_feature")
"""The keys of a configuration that say where a row's text is."""
_TOKENIZER_FILES = (
    "*.json", "*.py", "tokenizer.model", "*.tiktoken", "tiktoken.model", "*.txt", "*.jinja",
    "additional_chat_templates/*.jinja",
)  # fmt: skip
"""What mlx_lm.utils.load_tokenizer wants of a model."""


@dataclass(frozen=True)
class Question:
    """Whose rows: of which data, by which tokenizer. `state` is what may change between two answers."""

    subject: Mapping[str, Any]
    state: Mapping[str, Any]


def question(config: Mapping[str, Any], data: Path, model: Path) -> Question:
    """Of a data folder and a model's folder. Reads their files' sizes and times, and the versions of packages."""
    subject = {"data": str(data), "model": str(model), "trusts_remote_code": bool(config.get("trust_remote_code"))}
    features = {key: config.get(key) for key in _FEATURES}
    tokenizer = sorted(file for pattern in _TOKENIZER_FILES for file in model.glob(pattern))
    files = [data / "train.jsonl", data / "valid.jsonl", *tokenizer]
    state = {"files": [_stamp(file) for file in files], "versions": _versions(), "format": _FORMAT}
    return Question(subject | features, state)


def load_lengths(folder: Path, asked: Question) -> Lengths | None:
    """None when there is no answer to just that, or it is damaged."""
    try:
        kept = read_json(_file(folder, asked)) or {}
        return decode_lengths(kept["answer"]) if kept["state"] == asked.state else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def save_lengths(folder: Path, asked: Question, answer: Mapping[str, Any]) -> None:
    """Keep the engine's answer in the place of an older one. Silent when the folder cannot be written."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        # ASCII, because a path may hold bytes that are no text and have no UTF-8.
        write_whole(_file(folder, asked), json.dumps({"state": asked.state, "answer": answer}).encode("ascii"))


def _file(folder: Path, asked: Question) -> Path:
    name = hashlib.sha256(json.dumps(asked.subject, sort_keys=True).encode()).hexdigest()[:32]
    return folder / f"lengths-{name}.json"


def _stamp(file: Path) -> list[Any] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return [str(file), status.st_size, status.st_mtime_ns]


def _versions() -> list[str]:
    from importlib import metadata  # 25 ms that the app's first paint need not wait for

    def version(distribution: str) -> str:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return "not installed"

    return [version(name) for name in ("mlx-lm", "transformers", "tokenizers")]
