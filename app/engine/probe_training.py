"""mlx-lm's own loop, for as few iterations as show the peak of a long training."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import mlx.optimizers as optim
from mlx import nn
from mlx_lm.cli_ui import make_console
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.trainer import TrainingArgs, train

from app.engine.loading import Tell
from app.engine.probe_batches import Batches, again

_UPDATES = 3
"""The first has no optimizer state yet; the second compiles the kernels of the lasting graph, which holds the main
thread up and so lowers the peak (by 2 % on a CPU: 74.4, then 76.0 and 76.1 MB); the third is like all that follow."""
_MOST_ACCUMULATED = 3
"""Micro-batches an update: one that begins a sum of gradients, one that adds to it, one that adds and updates. More of
them repeat the second: 8 and 16 peaked within 0.5 % of 3, LoRA, DoRA and full fine-tuning alike."""


class _Enough(Exception):
    """The last iteration is over. Raised where mlx-lm would go on to write the adapter."""


def train_few(
    model: nn.Module, optimizer: optim.Optimizer, args: SimpleNamespace, batches: Batches, phase: Tell
) -> tuple[float, int]:
    """Train, with a validation batch before the first and the last iteration; nothing is written.

    Returns the seconds of an iteration, averaged over the last update, and how many there were.
    """
    accumulated = min(args.grad_accumulation_steps, _MOST_ACCUMULATED)
    iterations = _UPDATES * accumulated
    counter = _Counter(iterations, phase)
    phase("train", total=iterations)
    make_console().quiet = True
    with suppress(_Enough):
        train(
            model=model,
            optimizer=optimizer,
            train_dataset=batches.train,
            val_dataset=batches.evaluation,
            args=TrainingArgs(
                batch_size=args.batch_size,
                iters=iterations,
                val_batches=1,
                steps_per_report=1,
                steps_per_eval=iterations,
                steps_per_save=iterations + 1,
                max_seq_length=args.max_seq_length,
                grad_checkpoint=args.grad_checkpoint,
                grad_accumulation_steps=accumulated,
            ),
            iterate_batches=again,
            training_callback=counter,
        )
    return sum(counter.seconds[-accumulated:]) / accumulated, iterations


class _Counter(TrainingCallback):
    def __init__(self, iterations: int, phase: Tell):
        self.seconds: list[float] = []
        self._iterations, self._phase = iterations, phase

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        self.seconds.append(1 / train_info["iterations_per_second"])
        self._phase("train", done=len(self.seconds), total=self._iterations)
        if len(self.seconds) == self._iterations:
            raise _Enough
