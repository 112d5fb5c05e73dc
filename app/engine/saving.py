"""Save adapters so that a crash, a full disk or a NaN never costs the one that was there."""

import math
import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_flatten
from mlx_lm.utils import save_config

from app.engine.adapter_folder import CONFIG, FINAL, AdapterFolder
from app.engine.failures import Failure
from app.wire.files import read_json, sync_folder, write_json

_MEASURED = "validation.json"


def trainable_weights(model: nn.Module) -> dict[str, mx.array]:
    """What an adapter file holds, by name."""
    return dict(tree_flatten(model.trainable_parameters()))


def are_finite(weights: dict[str, mx.array]) -> bool:
    """Whether no weight is NaN or infinite."""
    return all(bool(mx.isfinite(weight).all()) for weight in weights.values())


def save_checkpoint(folder: AdapterFolder, model: nn.Module, config: dict[str, Any], iteration: int) -> str:
    """Write the numbered adapter file and the current one; the former's path. Raises Failure, OSError."""
    numbered = f"{iteration:07d}_{FINAL}"
    weights = trainable_weights(model)
    for name in (numbered, FINAL):
        save_weights(folder.staged(name), weights)
    _stage_config(folder, config)
    folder.publish(CONFIG)
    folder.publish(numbered)
    folder.publish(FINAL)
    return str(folder.path / numbered)


def save_best(folder: Path, model: nn.Module, config: dict[str, Any], iteration: int, loss: float) -> str:
    """Write an adapter folder named by its iteration, and remove the former one. Raises Failure, OSError."""
    target, staged = folder / f"{iteration:07d}", folder / f".{iteration:07d}"
    for leftover in (target, staged):
        shutil.rmtree(leftover, ignore_errors=True)
    staged.mkdir(parents=True)
    save_weights(staged / FINAL, trainable_weights(model))
    save_config(dict(config), staged / CONFIG)
    write_json(staged / _MEASURED, {"iteration": iteration, "loss": loss})
    staged.rename(target)
    sync_folder(folder)
    for former in folder.iterdir():
        if former != target:
            shutil.rmtree(former)
    return str(target)


def lowest_kept(folder: Path) -> float:
    """The validation loss of the adapter that `save_best` left there; infinite where there is none."""
    found = [read_json(kept / _MEASURED) for kept in folder.glob("[0-9]*")]
    return min((record["loss"] for record in found if record), default=math.inf)


def publish_final(folder: AdapterFolder, model: nn.Module, config: dict[str, Any]) -> str:
    """Publish the final adapter that mlx-lm left staged; its path. Raises Failure, OSError."""
    _check_whole(folder.staged(FINAL), trainable_weights(model))
    _stage_config(folder, config)
    folder.publish(CONFIG)
    return str(folder.publish(FINAL))


def save_weights(path: Any, weights: dict[str, mx.array]) -> None:
    """Write a safetensors file as mlx-lm does and make sure that it is whole. Raises Failure."""
    try:
        mx.save_safetensors(str(path), weights)
    except RuntimeError as error:
        raise Failure(f"{path.parent}: the weights could not be written whole ({error}).") from error
    _check_whole(path, weights)


def _check_whole(path: Any, weights: dict[str, mx.array]) -> None:
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
    if path.stat().st_size != 8 + header + sum(weight.nbytes for weight in weights.values()):
        raise Failure(f"{path.parent}: the disk is full, {path.name} could not be written whole.")


def _stage_config(folder: AdapterFolder, config: dict[str, Any]) -> None:
    save_config(dict(config), folder.staged(CONFIG))
