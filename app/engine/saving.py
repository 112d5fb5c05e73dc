"""Save adapters so that a crash, a full disk or a NaN never costs the one that was there."""

from typing import Any

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_flatten
from mlx_lm.utils import save_config

from app.engine.adapter_folder import CONFIG, FINAL, AdapterFolder
from app.engine.failures import Failure


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
