"""Validation where mlx-lm has it, what it finds best, and when it has seen enough."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
from mlx import nn
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.datasets import CacheDataset

from app.engine.evaluation import evaluate_set
from app.engine.keeper import Keeper
from app.engine.narrator import Narrator
from app.engine.resume_state import LowestLoss, numpy_state, set_numpy_state
from app.engine.stop import StopRequest
from app.wire.events import Validation
from app.wire.run_options import RunOptions


@dataclass
class Validator:
    """The validations of one training. `lowest` is what they have come to, and belongs to a saved boundary."""

    model: nn.Module
    valid_set: CacheDataset
    args: SimpleNamespace
    options: RunOptions
    keeper: Keeper
    narrator: Narrator
    stop: StopRequest
    reporter: TrainingCallback | None
    lowest: LowestLoss = field(default_factory=LowestLoss)
    enough: str = ""
    """Why training ends early; empty while it goes on."""

    def is_due(self, iteration: int) -> bool:
        """Whether mlx-lm validates before it trains this iteration."""
        at = iteration == 1 or iteration % self.args.steps_per_eval == 0 or iteration == self.args.iters
        return bool(self.valid_set) and at

    def validate(self, trained: int) -> None:
        """Measure the weights after `trained` iterations, and keep the best. Raises Stopped, Failure."""
        began = time.perf_counter()
        with self._rows():
            loss = evaluate_set(
                self.model,
                self.valid_set,
                self.args,
                self.args.val_batches,
                phase="validate",
                narrator=self.narrator,
                stop=self.stop,
            )
        self.model.train()
        seconds = time.perf_counter() - began
        self.narrator.tell(Validation(time.time(), trained, loss, seconds))
        self.narrator.phase("train")
        if self.reporter:
            self.reporter.on_val_loss_report({"iteration": trained, "val_loss": loss, "val_time": seconds})
        self._judge(trained, loss)

    def validate_final_weights(self, trained: int) -> None:
        """One validation more than mlx-lm's, which the test that follows does not notice. Raises Stopped, Failure."""
        if self.options.validate_last and self.valid_set:
            order = numpy_state()
            self.validate(trained)
            set_numpy_state(order)

    def _judge(self, trained: int, loss: float) -> None:
        self.lowest = self.lowest.after(trained, loss)
        if self.lowest.iteration == trained and trained > 0:
            self.keeper.keep_best(trained, loss)
        if self.options.patience and self.lowest.since >= self.options.patience:
            self.enough = (
                f"early stopping: {self.lowest.since} validations in a row were no lower than "
                f"{self.lowest.loss:.3f}, measured at iteration {self.lowest.iteration}"
            )

    @contextmanager
    def _rows(self) -> Iterator[None]:
        """The rows that mlx-lm draws, or the same each time while its generator goes on as if they were drawn."""
        if not self.options.fixed_validation:
            yield
            return
        order = numpy_state()
        np.random.seed(self.args.seed)
        try:
            yield
        finally:
            set_numpy_state(order)
            np.random.permutation(len(self.valid_set) // self.args.batch_size)
