"""Lengths on disk: the rows of a file are counted once, until the file, the tokenizer or what reads them changes."""

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.data.lengths import Lengths, decode_lengths
from app.data.padding import LENGTH_BYTES
from app.wire.files import publish, read_json, write_whole

_FORMAT = 2
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
    subject = {
        "data": str(data),
        "model": str(model),
        "trusts_remote_code": bool(config.get("trust_remote_code")),
        "masks": bool(config.get("mask_prompt")),
    }
    features = {key: config.get(key) for key in _FEATURES}
    tokenizer = sorted(file for pattern in _TOKENIZER_FILES for file in model.glob(pattern))
    files = [data / "train.jsonl", data / "valid.jsonl", *tokenizer]
    state = {"files": [_stamp(file) for file in files], "versions": _versions(), "format": _FORMAT}
    return Question(subject | features, state)


def load_lengths(folder: Path, asked: Question) -> Lengths | None:
    """None when there is no answer to just that, or it is damaged."""
    try:
        kept = read_json(_file(folder, asked)) or {}
        if kept["state"] != asked.state:
            return None
        known = decode_lengths(kept["answer"], _order(folder, asked))
        rows = known.train.rows + (known.valid.rows if known.valid else 0)
        return known if known.order and known.order.stat().st_size == rows * LENGTH_BYTES else None
    except (KeyError, TypeError, ValueError, RecursionError, OSError):
        return None


def save_lengths(folder: Path, asked: Question, answer: Mapping[str, Any], order: Path) -> Path | None:
    """Keep the engine's answer, and the file of lengths that it wrote, in the place of older ones.

    Where that file is now; None when the folder cannot be written.
    """
    with contextlib.suppress(OSError):
        publish(order, _order(folder, asked))
        # ASCII, because a path may hold bytes that are no text and have no UTF-8.
        write_whole(_file(folder, asked), json.dumps({"state": asked.state, "answer": answer}).encode("ascii"))
        return _order(folder, asked)
    return None


@contextlib.contextmanager
def staged_order(folder: Path) -> Iterator[Path | None]:
    """Where the engine may write its file of lengths before it is kept; None when the folder cannot be written."""
    staged = folder / f".order.{os.getpid()}.{threading.get_ident()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staged.touch()
    except OSError:
        yield None
        return
    try:
        yield staged
    finally:
        staged.unlink(missing_ok=True)


def _order(folder: Path, asked: Question) -> Path:
    return _file(folder, asked).with_suffix(".order")


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
