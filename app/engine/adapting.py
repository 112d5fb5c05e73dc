"""Turn the base model into one that trains, step by step as `mlx_lm.lora.train_model` does.

That function itself cannot be used: it prints the model's name as markup, which a `[/x]` in it crashes, and
it writes `adapter_config.json` before there is an adapter.
"""

from pathlib import Path
from types import SimpleNamespace

import mlx.core as mx
import mlx.optimizers as optim
from mlx import nn
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import build_schedule, linear_to_lora_layers

from app.engine.failures import Failure

_OPTIMIZERS = {
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "muon": optim.Muon,
    "sgd": optim.SGD,
    "adafactor": optim.Adafactor,
}


def adapt(model: nn.Module, args: SimpleNamespace) -> None:
    """Seed MLX, freeze the base and make trainable what `fine_tune_type` says, in mlx-lm's order.

    Draws the LoRA weights from MLX's generator, and loads `resume_adapter_file` over them. Sets
    `args.lora_parameters` to None for full fine-tuning, as mlx-lm does. Raises Failure.
    """
    mx.random.seed(args.seed)
    model.freeze()
    if args.num_layers > len(model.layers):
        raise Failure(
            f"num_layers: {args.num_layers} is more than the {len(model.layers)} layers of {args.model}: "
            "lower it, or -1 for all."
        )
    if args.fine_tune_type == "full":
        for layer in model.layers[-max(args.num_layers, 0) :]:
            layer.unfreeze()
        args.lora_parameters = None
    elif args.fine_tune_type in ("lora", "dora"):
        _add_lora_layers(model, args)
    else:
        raise Failure(f"fine_tune_type: {args.fine_tune_type!r} is not one of lora, dora, full.")
    if not tree_flatten(model.trainable_parameters()):
        raise Failure(
            "lora_parameters.keys: no layer of the model has such a name, so nothing would train: "
            "write the path inside a layer, as self_attn.q_proj."
        )
    if args.resume_adapter_file is not None:
        _load_weights(model, args.resume_adapter_file)


def build_optimizer(args: SimpleNamespace) -> optim.Optimizer:
    """The optimizer with its schedule. Raises Failure."""
    name = args.optimizer.lower()
    if name not in _OPTIMIZERS:
        raise Failure(f"optimizer: {args.optimizer!r} is not one of {', '.join(_OPTIMIZERS)}.")
    try:
        rate = build_schedule(args.lr_schedule) if args.lr_schedule else args.learning_rate
    except (KeyError, AttributeError, TypeError, ValueError, IndexError) as error:
        raise Failure(f"lr_schedule: mlx-lm cannot build this schedule: {error}.") from error
    try:
        return _OPTIMIZERS[name](learning_rate=rate, **args.optimizer_config.get(name, {}))
    except (TypeError, ValueError) as error:
        raise Failure(
            f"optimizer: {name} cannot be made of this learning_rate and optimizer_config.{name}: {error}"
        ) from error


def _add_lora_layers(model: nn.Module, args: SimpleNamespace) -> None:
    try:
        linear_to_lora_layers(model, args.num_layers, args.lora_parameters, use_dora=args.fine_tune_type == "dora")
    except KeyError as error:
        raise Failure(f"lora_parameters: {error.args[0]} is missing; rank, scale and dropout are needed.") from error
    except ValueError as error:
        raise Failure(f"fine_tune_type {args.fine_tune_type}: {error}") from error


def _load_weights(model: nn.Module, file: str) -> None:
    if not Path(file).is_file():
        raise Failure(f"resume_adapter_file: there is no file {file}.")
    try:
        model.load_weights(file, strict=False)
    except (RuntimeError, ValueError) as error:
        raise Failure(f"resume_adapter_file: {file} does not fit this model: {error}") from error
