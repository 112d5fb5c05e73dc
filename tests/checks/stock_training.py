"""Plain `mlx_lm.lora -c FILE`, in this process: how it ends, and what it was given."""

import contextlib
import io
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
from mlx_lm import lora
from mlx_lm.tuner import trainer
from mlx_lm.tuner.callbacks import TrainingCallback


@dataclass
class Ended:
    """`error` is empty when it ended well; `given` is what its trainer was given, None where it never came so far."""

    error: str = ""
    given: SimpleNamespace | None = None
    losses: list[float] = field(default_factory=list)
    validations: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    said: str = ""

    @property
    def is_sound(self) -> bool:
        return not self.error and bool(self.losses or "Test loss" in self.said) and all(map(math.isfinite, self.losses))


class _Notes(TrainingCallback):
    def __init__(self, ended: Ended):
        self._ended = ended

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        self._ended.losses.append(train_info["train_loss"])
        self._ended.rates.append(train_info["learning_rate"])

    def on_val_loss_report(self, val_info: dict[str, Any]) -> None:
        self._ended.validations.append(val_info["val_loss"])


def stock(file: Path, *options: str) -> Ended:
    """What mlx-lm makes of a file; options are its own, and go before the file."""
    ended, train_model = Ended(), lora.train_model

    def noting(args: SimpleNamespace, model: Any, train_set: Any, valid_set: Any, callback: Any = None) -> None:
        ended.given = args
        train_model(args, model, train_set, valid_set, _Notes(ended))

    said = io.StringIO()
    with _classes_as_they_were(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        argv, sys.argv, lora.train_model = sys.argv, ["mlx_lm.lora", "-c", str(file), *options], noting
        try:
            lora.main()
        except Exception as error:
            ended.error = f"{type(error).__name__}: {error}"
        finally:
            sys.argv, lora.train_model = argv, train_model
    ended.said = said.getvalue()
    return ended


@contextlib.contextmanager
def _classes_as_they_were() -> Iterator[None]:
    """grad_checkpoint replaces the call of a layer's class for good, and compiling takes a minute."""
    checkpoint, patched = trainer.grad_checkpoint, []

    def noting(layer: Any) -> None:
        patched.append((type(layer), type(layer).__call__))
        checkpoint(layer)

    trainer.grad_checkpoint = noting
    mx.disable_compile()
    try:
        yield
    finally:
        mx.enable_compile()
        trainer.grad_checkpoint = checkpoint
        for kind, call in patched:
            kind.__call__ = call
