"""Decides what of a training is kept: nothing that is not finite, and no save that fails ends a training."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import mlx.optimizers as optim
from mlx import nn

from app.engine.adapter_folder import AdapterFolder
from app.engine.failures import Failure, reason
from app.engine.narrator import Narrator
from app.engine.resume_state import Boundary, drop_states_after, save_state
from app.engine.saving import are_finite, lowest_kept, publish_final, save_best, save_checkpoint, trainable_weights
from app.wire.events import Best, Checkpoint
from app.wire.run_folder import RunFolder


@dataclass
class Keeper:
    """Saves adapters to their folder, and to the run's what resuming needs beside them."""

    run: RunFolder
    folder: AdapterFolder
    args: SimpleNamespace
    model: nn.Module
    optimizer: optim.Optimizer
    narrator: Narrator
    keep_last: int = 0
    """How many numbered checkpoints stay; 0 keeps all."""
    numbered: list[Path] = field(default_factory=list)
    """Those of this run, in their order."""
    _told_of_disk: bool = False

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
            self._drop_older(Path(path))
            self._watch_disk(Path(path))

    def finish(self, iteration: int, boundary: Boundary) -> None:
        """Publish the final adapter, which mlx-lm has staged. Raises Failure, OSError."""
        if not self._is_sound(iteration):
            return
        self._tell(iteration, publish_final(self.folder, self.model, vars(self.args)))
        self._save_state(boundary)

    def leave_behind_after(self, iteration: int) -> None:
        """What was saved to go on from later iterations, which are trained again from here on."""
        drop_states_after(self.run.states, iteration)

    def keep_best(self, iteration: int, loss: float) -> None:
        """Keep the adapter as it is, in the run's own folder, unless a better one is there.

        That is one of iterations which were left behind when the run was taken up from an older checkpoint.
        """
        if loss > lowest_kept(self.run.best) or not self._is_sound(iteration):
            return
        try:
            path = save_best(self.run.best, self.model, vars(self.args), iteration, loss)
        except (Failure, OSError) as error:
            self.narrator.warn(f"The best adapter so far, of iteration {iteration}, was not kept: {reason(error)}")
        else:
            self.narrator.tell(Best(time.time(), iteration, loss, path))

    def _drop_older(self, newest: Path) -> None:
        """Leave the last ones. Only what this run wrote is ever removed."""
        self.numbered = [*(path for path in self.numbered if path != newest), newest]
        while self.keep_last and len(self.numbered) > self.keep_last:
            self.numbered.pop(0).unlink(missing_ok=True)

    def _watch_disk(self, newest: Path) -> None:
        """A warning, once, while there is room for two checkpoints more: mlx-lm ends when there is none."""
        free, needed = shutil.disk_usage(newest.parent).free, 2 * newest.stat().st_size
        if free < 2 * needed and not self._told_of_disk:
            self._told_of_disk = True
            self.narrator.warn(
                f"{newest.parent}: the disk has {free / 1e6:,.0f} MB left, and a checkpoint takes up to "
                f"{needed / 1e6:,.0f}: make room, or later ones will not be saved."
            )

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
