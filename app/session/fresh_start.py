"""A new configuration from a model and a folder of data: sound numbers to start from, none of them final."""

import re
from pathlib import Path
from typing import Any

from app.config.config import ALPHA, RANK, Config, defaults, edit
from app.config.derived import iters_for_epochs
from app.config.fresh import fresh

EPOCHS = 2
"""Passes over the rows, as in the parameter reference's example of how to choose iters."""
LAYERS = 12
"""The reference's; mlx-lm's default of 16 is an error on a model that has fewer, and 12 fits every common one."""
BATCH = 2
RANK_AND_ALPHA = 8
"""The reference's balanced rank with as large an alpha: scale 1, where mlx-lm's default is a strong 20."""
LENGTH = 1024
"""Tokens; the reference's good balance."""


def new_text(
    model: str,
    data: str,
    start: Path,
    rows: int | None,
    depth: int | None,
    valid_rows: int | None = None,
) -> str:
    """The YAML text of a new configuration, native and commented, that writes its adapter to a folder of its own.

    `rows` and `valid_rows` are the dataset's, `depth` the model's layers, None where not known. `start` is where
    relative paths begin: nothing but the adapter's folder is looked for there.
    """
    return fresh(_config(model, data, start, rows, depth, valid_rows))


def _config(model: str, data: str, start: Path, rows: int | None, depth: int | None, valid_rows: int | None) -> Config:
    batch = max(1, min(BATCH, rows or BATCH, valid_rows or BATCH))
    config = defaults()
    iters = max(1, iters_for_epochs(EPOCHS, rows, batch)) if rows else config.values["iters"]
    values: dict[str, Any] = {
        "model": model,
        "train": True,
        "data": data,
        "optimizer": "adamw",
        "num_layers": min(LAYERS, depth) if depth else LAYERS,
        RANK: RANK_AND_ALPHA,
        ALPHA: RANK_AND_ALPHA,
        "batch_size": batch,
        "iters": iters,
        "max_seq_length": LENGTH,
        "steps_per_report": _between(1, iters // 20, 10),
        "steps_per_eval": _between(min(50, iters // 10), iters // 20, 500),
        "save_every": _between(min(100, iters // 2), iters // 5, 1000),
        "adapter_path": _adapter_path(model, data, start),
        "seed": 42,
    }
    for key, value in values.items():
        config = edit(config, key, value)
    return config


def _between(least: int, wanted: int, most: int) -> int:
    """`wanted` within the bounds, in whole tens where that is not too coarse; at least 1."""
    number = max(1, least, min(wanted, most))
    return number - number % 10 if number >= 50 else number


def _adapter_path(model: str, data: str, start: Path) -> str:
    name = _subject(data) or _subject(model) or "run"
    number = 1
    while _is_taken(start / (path := f"adapters/{name}-{number}")):
        number += 1
    return path


def _subject(text: str) -> str:
    """The last part of a path or hub name, as a folder's name; empty where it says nothing."""
    name = re.sub(r"[^A-Za-z0-9._]+", "-", Path(text).name).strip("-.")[:60]
    return "" if name.lower() == "data" else name


def _is_taken(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return False
