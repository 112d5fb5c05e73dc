"""The batches that a training's peak comes from: the widest that mlx-lm makes of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.cli_ui import make_console
from mlx_lm.tuner.datasets import CacheDataset
from mlx_lm.tuner.trainer import iterate_batches

from app.engine.failures import Failure, reason
from app.engine.loading import Tell, load_data, odd_row

Batch = tuple[mx.array, mx.array]
"""Tokens (batch, width), and for each row the span that trains, as `iterate_batches` yields them."""


@dataclass(frozen=True)
class WidestBatch:
    """In the place of a set of rows: `train` asks how many there are, and hands it to its generator of batches."""

    batch: Batch
    rows: CacheDataset | None = None
    """Held because a training holds its tokenized rows in memory too."""

    @property
    def width(self) -> int:
        return self.batch[0].shape[1]

    def __len__(self) -> int:
        return self.batch[0].shape[0]


@dataclass(frozen=True)
class Batches:
    train: WidestBatch
    evaluation: WidestBatch | None
    """Of the validation set, or of the test set where that is wider and will be used; None without either."""
    made_up: str = ""
    """Why the rows are made up; empty when they are the data's own."""

    @property
    def width(self) -> int:
        return self.train.width


def find_batches(args: SimpleNamespace, tokenizer: Any, width: int | None, phase: Tell) -> Batches:
    """The widest batches of the data; made-up ones of `width` tokens where it cannot be loaded. Raises Failure."""
    phase("dataset", args.data)
    try:
        return _of_data(args, tokenizer, phase)
    except Exception as error:  # whatever the client of the data's hub raises when it is offline
        sentence = str(error) if isinstance(error, Failure) else f"data: {args.data}: {reason(error)}"
        if width is None:
            raise Failure(sentence) from error
        made_up = WidestBatch(_made_up(args.batch_size, min(width, args.max_seq_length)))
        return Batches(made_up, made_up, sentence)


def again(dataset: WidestBatch, loop: bool = False, **_: Any) -> Iterator[Batch]:
    """In the place of mlx-lm's `iterate_batches`: always the widest."""
    yield dataset.batch
    while loop:
        yield dataset.batch


def _of_data(args: SimpleNamespace, tokenizer: Any, phase: Tell) -> Batches:
    make_console().quiet = True
    train, valid, test = load_data(args, tokenizer)
    sets = {"train": train, "valid": valid, "test": test if args.test else ()}
    found = {name: _widest(CacheDataset(rows), name, args, phase) for name, rows in sets.items() if len(rows)}
    evaluations = [found[name] for name in ("valid", "test") if name in found]
    return Batches(found["train"], max(evaluations, key=lambda each: each.width, default=None))


def _widest(rows: CacheDataset, name: str, args: SimpleNamespace, phase: Tell) -> WidestBatch:
    """Asked of mlx-lm itself, which sorts the rows, but not by their tokens, and never uses the last few."""
    total, widest = len(rows) // args.batch_size, None
    try:
        for done, batch in enumerate(iterate_batches(rows, args.batch_size, args.max_seq_length), start=1):
            if widest is None or batch[0].shape[1] > widest[0].shape[1]:
                widest = batch
            phase("dataset", name, done, total)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        if sentence := odd_row(rows, name):
            raise Failure(sentence) from error
        raise
    assert widest is not None  # load_data has seen to it that there are enough rows
    return WidestBatch(widest, rows)


def _made_up(batch_size: int, width: int) -> Batch:
    tokens = np.tile(np.arange(width, dtype=np.int32) % 256, (batch_size, 1))  # ids that every vocabulary has
    return mx.array(tokens), mx.array([[0, width]] * batch_size)
