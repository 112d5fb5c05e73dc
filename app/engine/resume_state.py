"""What continuing a run exactly takes, beside the adapter: optimizer, random generators, place in the data.

A run can only be taken up where gradients were applied: mlx-lm keeps accumulated ones to itself. So what is
small is kept at every such boundary, and written with weights and optimizer, which do not move in between.
"""

import json
import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
import numpy as np
from mlx import nn
from mlx.utils import tree_flatten, tree_unflatten

from app.engine.failures import Failure
from app.engine.report_window import ReportWindow
from app.engine.saving import save_weights, trainable_weights
from app.wire.files import sync_folder, write_json

_KEPT = 2
_ROOM = 2e9
"""Bytes that older states may take besides: then any checkpoint of a small adapter can be gone back to."""
_WEIGHTS, _OPTIMIZER, _STATE = "adapters.safetensors", "optimizer.safetensors", "state.json"


@dataclass(frozen=True)
class LowestLoss:
    """The lowest finite validation loss so far, its iteration, and how many validations came `since`."""

    loss: float | None = None
    iteration: int = 0
    since: int = 0

    def after(self, iteration: int, loss: float) -> "LowestLoss":
        """With one validation more. A loss that is not a number is never the lowest."""
        if self.loss is None or loss < self.loss:
            return LowestLoss(loss, iteration) if math.isfinite(loss) else self
        return LowestLoss(self.loss, self.iteration, self.since + 1)


@dataclass(frozen=True)
class Boundary:
    """The run right after an update: `iteration` is absolute, and 0 before the first.

    `data_order` is numpy's generator, which mlx-lm shuffles with; `pass_order` is that generator as it was
    before this pass over the data was shuffled, and `drawn` counts the batches taken from the pass since.
    """

    iteration: int
    trained_tokens: int
    window: ReportWindow
    key: list[int]
    data_order: list[Any]
    pass_order: list[Any]
    drawn: int
    lowest: LowestLoss = LowestLoss()


def numpy_state() -> list[Any]:
    """Numpy's global generator as plain values."""
    name, words, *rest = np.random.get_state(legacy=True)
    return [name, np.asarray(words).tolist(), *rest]


def set_numpy_state(state: list[Any]) -> None:
    """Put numpy's global generator back where `numpy_state` saw it."""
    np.random.set_state(tuple(state))


def mlx_key() -> list[int]:
    """MLX's global random key, two 32-bit words."""
    return mx.random.state[0].tolist()  # type: ignore[index]


def set_mlx_key(key: list[int]) -> None:
    """Restore MLX's key, which cannot be assigned: seeding with its 64 bits gives exactly that key."""
    mx.random.seed((key[0] << 32) | key[1])


def save_state(states: Path, boundary: Boundary, model: nn.Module, optimizer: optim.Optimizer) -> None:
    """Write the state of a boundary to its own folder; old ones go for want of room. Raises Failure, OSError."""
    target = states / f"{boundary.iteration:07d}"
    if target.exists():
        return
    staged = states / f".{target.name}"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    save_weights(staged / _WEIGHTS, trainable_weights(model))
    save_weights(staged / _OPTIMIZER, dict(tree_flatten(optimizer.state)))
    write_json(staged / _STATE, asdict(boundary))
    staged.rename(target)
    sync_folder(states)
    _make_room(states)


def _make_room(states: Path) -> None:
    """Two states stay whatever they take."""
    newest_first = sorted(states.glob("[0-9]*"), reverse=True)
    taken = 0
    for number, state in enumerate(newest_first):
        taken += sum(file.stat().st_size for file in state.iterdir())
        if number >= _KEPT and taken > _ROOM:
            shutil.rmtree(state)


def drop_states_after(states: Path, iteration: int) -> None:
    """Remove the states of later iterations, whole or not: those that a run has left behind which trains them again."""
    left = [state for state in states.glob("[0-9]*") if state.name.isdecimal() and int(state.name) > iteration]
    for state in left:
        shutil.rmtree(state, ignore_errors=True)
    if left:
        sync_folder(states)


def restore_state(folder: Path, model: nn.Module, optimizer: optim.Optimizer) -> Boundary:
    """Load weights and optimizer of a saved boundary, set MLX's key, and return the boundary. Raises Failure.

    The data order is left to whoever draws the batches, for it must be wound back first.
    """
    try:
        saved = json.loads((folder / _STATE).read_text())
        weights: Any = mx.load(str(folder / _WEIGHTS))
        arrays: Any = mx.load(str(folder / _OPTIMIZER))
        parts = {"window": ReportWindow(**saved["window"]), "lowest": LowestLoss(**saved.get("lowest", {}))}
        boundary = Boundary(**saved | parts)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise Failure(f"{folder}: what was saved to go on from here is damaged ({error}).") from error
    _check_fit(folder, weights, trainable_weights(model))
    model.load_weights(list(weights.items()), strict=False)
    rate = optimizer.state.get("learning_rate")
    optimizer.state = tree_unflatten(list(arrays.items()))
    if rate is not None and not optimizer._schedulers:
        optimizer.state["learning_rate"] = rate  # the configuration's, which may have been changed meanwhile
    set_mlx_key(boundary.key)
    return boundary


def _check_fit(folder: Path, saved: dict[str, mx.array], present: dict[str, mx.array]) -> None:
    if {name: weight.shape for name, weight in saved.items()} != {name: w.shape for name, w in present.items()}:
        raise Failure(
            f"{folder}: what was saved to go on from here does not fit this model, rank, layers or modules: "
            "begin a new run, with resume_adapter_file to start from the old adapter."
        )
