"""mlx-lm's own training loop, driven through the two doors it has: its batch generator and its callback.

The generator is asked for a batch at every step boundary, so validation and stopping live there; the callback
hears every step, so reports, checkpoints and what resume needs are kept there. Iterations are absolute.
"""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
from mlx import nn
from mlx_lm.cli_ui import make_console
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.datasets import CacheDataset
from mlx_lm.tuner.trainer import TrainingArgs, train

from app.engine.adapter_folder import FINAL
from app.engine.batch_stream import BatchStream
from app.engine.evaluation import Stopped
from app.engine.failures import Failure
from app.engine.keeper import Keeper
from app.engine.narrator import Narrator
from app.engine.report_window import ReportWindow
from app.engine.resume_state import Boundary, mlx_key, numpy_state
from app.engine.stop import StopRequest
from app.engine.validating import Validator
from app.wire.events import Report, Step


@dataclass
class Loop(TrainingCallback):
    """One training, from a saved boundary or from the beginning, to the last iteration or a stop."""

    args: SimpleNamespace
    model: nn.Module
    optimizer: optim.Optimizer
    train_set: CacheDataset
    validator: Validator
    keeper: Keeper
    narrator: Narrator
    stop: StopRequest
    reporter: TrainingCallback | None = None
    """mlx-lm's callback for wandb and the like; hears what it would hear in `mlx_lm.lora`."""
    start: Boundary | None = None
    same_order: bool = True
    """Whether to go on in the data where `start` was, and not with a fresh order of other batches."""
    iteration: int = field(init=False, default=0)
    """The last iteration that was trained."""
    _window: ReportWindow = field(init=False, default_factory=ReportWindow)
    _trained_tokens: int = field(init=False, default=0)
    _tokens_before: int = field(init=False, default=0)
    _stream: BatchStream = field(init=False)
    _boundary: Boundary = field(init=False)

    def __post_init__(self) -> None:
        if self.start:
            self.iteration, self._window = self.start.iteration, self.start.window
            self._trained_tokens = self._tokens_before = self.start.trained_tokens

    def train(self) -> None:
        """Train, and leave the adapter in its folder unless nothing was trained. Raises Failure."""
        make_console().quiet = True  # mlx-lm's own display: panels and bars have no place in a log
        before = self.iteration
        if before >= self.args.iters:
            return
        try:
            train(
                model=self.model,
                optimizer=self.optimizer,
                train_dataset=self.train_set,
                args=self._training_args(),
                iterate_batches=self._batches,
                training_callback=self,
            )
        except RuntimeError as error:
            if not self._staged.exists():
                raise
            raise Failure(f"{self._staged.parent}: the adapter could not be written whole ({error}).") from error
        if self.iteration > before:
            self.keeper.finish(self.iteration, self._boundary)
        if self.iteration == self.args.iters:
            with contextlib.suppress(Stopped):
                self.validator.validate_final_weights(self.iteration)

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        """A step was trained. mlx-lm is told to report every one."""
        self.iteration += 1
        if self.iteration == self._began + 1:  # not before: until then, a run that went back has lost nothing
            self.keeper.leave_behind_after(self._began)
        self._count(train_info)
        if self._is_due(self.iteration, self.args.steps_per_report):
            self._report(train_info["learning_rate"])
        if self.iteration % self.args.grad_accumulation_steps == 0:
            self._boundary = self._here()
        if self.iteration % self.args.save_every == 0:
            self.keeper.checkpoint(self.iteration, self._boundary)

    @property
    def _began(self) -> int:
        return self.start.iteration if self.start else 0

    @property
    def _staged(self) -> Path:
        return self.keeper.folder.staged(FINAL)

    def _training_args(self) -> TrainingArgs:
        remaining = self.args.iters - self.iteration
        return TrainingArgs(
            batch_size=self.args.batch_size,
            iters=remaining,
            steps_per_report=1,
            steps_per_save=remaining + 1,  # never: it saves before anyone has looked at the weights
            max_seq_length=self.args.max_seq_length,
            adapter_file=str(self._staged),
            grad_checkpoint=self.args.grad_checkpoint,
            grad_accumulation_steps=self.args.grad_accumulation_steps,
        )

    def _batches(self, dataset: CacheDataset, **options: Any) -> Iterator[tuple[mx.array, mx.array]]:
        self._stream = BatchStream(dataset, **options)
        if self.start and self.same_order:
            self._stream.wind_to(self.start)
        self._boundary = self._here()
        compiled = False  # MLX does it at the first step, which takes 20 s on a slow CPU
        while not self.stop:
            batch = self._stream.draw()
            following = self.iteration + 1
            if self.validator.is_due(following):
                try:
                    self.validator.validate(self.iteration)
                except Stopped:
                    return
                if self.validator.enough:
                    return
            if not compiled:
                self.narrator.phase("train", "(compiling the first step)")
            yield batch
            if not compiled:
                self.narrator.phase("train")
                compiled = True

    def _is_due(self, iteration: int, every: int) -> bool:
        return iteration % every == 0 or iteration == self.args.iters

    def _count(self, train_info: dict[str, Any]) -> None:
        trained_tokens = self._tokens_before + train_info["trained_tokens"]
        loss, tokens = train_info["train_loss"], trained_tokens - self._trained_tokens
        seconds = 1 / train_info["iterations_per_second"]
        self._trained_tokens = trained_tokens
        self._window = self._window.with_step(loss, tokens, seconds)
        self.narrator.tell(Step(time.time(), self.iteration, loss, tokens, seconds))
        if not math.isfinite(loss):
            raise Failure(_not_finite(self.iteration, loss, tokens))

    def _here(self) -> Boundary:
        return Boundary(
            iteration=self.iteration,
            trained_tokens=self._trained_tokens,
            window=self._window,
            key=mlx_key(),
            data_order=numpy_state(),
            pass_order=self._stream.pass_order,
            drawn=self._stream.drawn,
            lowest=self.validator.lowest,
        )

    def _report(self, learning_rate: float) -> None:
        window, self._window = self._window, ReportWindow()
        peak_memory = mx.get_peak_memory()
        figures: dict[str, Any] = {
            "iteration": self.iteration,
            "learning_rate": learning_rate,
            "iterations_per_second": window.steps / window.seconds,
            "tokens_per_second": window.tokens / window.seconds,
            "trained_tokens": self._trained_tokens,
        }
        self.narrator.tell(Report(time.time(), loss=window.loss, peak_memory=peak_memory, **figures))
        if self.reporter:
            in_gigabytes = {"train_loss": window.loss, "peak_memory": peak_memory / 1e9}
            self.reporter.on_train_loss_report(figures | in_gigabytes)


def _not_finite(iteration: int, loss: float, tokens: int) -> str:
    """The weights are spoilt by now, so nothing of them is saved; mlx-lm would train on and save them."""
    what = f"The loss is not finite at iteration {iteration} ({loss}), so the training was ended before it was saved: "
    if tokens == 0:
        return what + "no token of this batch is trained, as where prompts fill max_seq_length with mask_prompt."
    return what + "lower learning_rate, or give it a warm-up."
