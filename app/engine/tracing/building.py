"""The model and its optimizer as the trainer makes them, without reading or making a weight."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import mlx.optimizers as optim
from mlx import nn
from mlx_lm.utils import load_model

from app.engine.adapting import adapt, build_optimizer
from app.engine.failures import Failure, reason
from app.engine.loading import without_pattern
from app.engine.tracing.from_config import model_of
from app.wire.tape import TraceRequest


@dataclass(frozen=True)
class Built:
    """Ready to train. Its arrays are promises, which nobody must evaluate."""

    name: str
    model: nn.Module
    optimizer: optim.Optimizer


def build(request: TraceRequest, args: SimpleNamespace) -> Built:
    """Raises Failure."""
    name = request.model or str((request.model_config or {}).get("model_type", "without a model_type"))
    with failing(f"model: {name} cannot be built"):
        trusts = request.trusts_remote_code
        model = lazily_loaded(Path(name), trusts) if request.model is not None else model_of(request.model_config or {})
    with failing(f"model: {name} cannot be made to train"):
        adapt(model, args)
        optimizer = build_optimizer(args)
        optimizer.init(model.trainable_parameters())
    return Built(name, model, optimizer)


@contextlib.contextmanager
def failing(what: str) -> Iterator[None]:
    """Say in a Failure what failed: a model may do so in any way, for its code believes its config.json."""
    try:
        yield
    except Failure:
        raise
    except ValueError as error:
        raise Failure(f"{what}: {' '.join(str(error).split())}") from error
    except SystemExit as error:  # a model whose own packages are missing asks for them and leaves
        raise Failure(f"{what}: it needs a Python package that is not here.") from error
    except Exception as error:
        raise Failure(f"{what}: {reason(error)}") from error


def lazily_loaded(folder: Path, trusts_remote_code: bool) -> nn.Module:
    """The model in a folder, its weights promises. Raises Failure, or what mlx-lm raises."""
    if not (folder / "config.json").is_file():
        raise Failure(f"model: {folder} holds no config.json, so it is not a model folder.")
    with without_pattern(folder) as plain:
        model, _ = load_model(Path(plain), lazy=True, trust_remote_code=trusts_remote_code)
    return model
