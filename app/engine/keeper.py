"""Decides what of a training is kept: nothing that is not finite, and no save that fails ends a training."""

import time
from dataclasses import dataclass
from types import SimpleNamespace

import mlx.optimizers as optim
from mlx import nn

from app.engine.adapter_folder import AdapterFolder
from app.engine.failures import Failure, reason
from app.engine.narrator import Narrator
from app.engine.resume_state import Boundary, save_state
from app.engine.saving import are_finite, publish_final, save_checkpoint, trainable_weights
from app.wire.events import Checkpoint
from app.wire.run_folder import RunFolder


@dataclass(frozen=True)
class Keeper:
    """Saves adapters to their folder, and to the run's what resuming needs beside them."""

    run: RunFolder
    folder: AdapterFolder
    args: SimpleNamespace
    model: nn.Module
    optimizer: optim.Optimizer
    narrator: Narrator

    def checkpoint(self, iteration: int, boundary: Boundary) -> None:
        """Save a numbered adapter on the way. A failure is a warning: the training is worth more."""
        if not self._is_sound(iteration):
            return
        try:
            path = save_checkpoint(self.folder, self.model, vars(self.args), iteration)
        except (Failure, OSError) as error:
            self.folder.discard()
            self.narrator.warn(f"The checkpoint of iteration {iteration} was not saved: {reason(error)}")
        else:
            self._tell(iteration, path)
            self._save_state(boundary)

    def finish(self, iteration: int, boundary: Boundary) -> None:
        """Publish the final adapter, which mlx-lm has staged. Raises Failure, OSError."""
        if not self._is_sound(iteration):
            return
        self._tell(iteration, publish_final(self.folder, self.model, vars(self.args)))
        if iteration < self.args.iters:
            self._save_state(boundary)

    def _save_state(self, boundary: Boundary) -> None:
        try:
            save_state(self.run.states, boundary, self.model, self.optimizer)
        except (Failure, OSError) as error:
            self.narrator.warn(f"What going on from here would take was not saved: {reason(error)}")

    def _tell(self, iteration: int, path: str) -> None:
        self.narrator.tell(Checkpoint(time.time(), iteration, path))

    def _is_sound(self, iteration: int) -> bool:
        if are_finite(trainable_weights(self.model)):
            return True
        self.narrator.warn(
            f"The weights are not finite at iteration {iteration}: nothing was saved, and the last good "
            "adapter stays. A lower learning_rate usually mends this."
        )
        return False
