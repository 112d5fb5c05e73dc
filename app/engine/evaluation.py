"""mlx-lm's loss over an evaluation set, told as it goes and given up when the run is asked to stop."""

import math
from types import SimpleNamespace

from mlx import nn
from mlx_lm.tuner.datasets import CacheDataset
from mlx_lm.tuner.trainer import evaluate

from app.engine.failures import Failure
from app.engine.loading import odd_row
from app.engine.narrator import Narrator
from app.engine.stop import StopRequest

_SETS = {"validate": "valid", "test": "test"}


class Stopped(Exception):
    """The evaluation was given up: a part of a set is no figure to report."""


def evaluate_set(
    model: nn.Module,
    dataset: CacheDataset,
    args: SimpleNamespace,
    batches: int,
    *,
    phase: str,
    narrator: Narrator,
    stop: StopRequest,
) -> float:
    """The mean loss a token over at most `batches` batches, -1 for all; `phase` is validate or test.

    Leaves the model in evaluation mode, as mlx-lm does. Raises Stopped, Failure.
    """
    total = len(dataset) // args.batch_size
    total = total if batches == -1 else min(total, batches)
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if stop:
            raise Stopped
        narrator.phase(phase, done=done, total=total)

    narrator.phase(phase, total=total)
    try:
        return evaluate(
            model=model,
            dataset=dataset,
            batch_size=args.batch_size,
            num_batches=batches,
            max_seq_length=args.max_seq_length,
            progress_callback=advance,
        )
    except (Stopped, RuntimeError, MemoryError):  # the latter are MLX's, and no row's
        raise
    except Exception as error:  # a row breaks in whatever it meets first, a chat template among others
        sentence = odd_row(dataset, _SETS[phase])
        if sentence is None:
            raise
        raise Failure(sentence) from error


def perplexity(loss: float) -> float:
    """exp(loss), infinite where that is more than a double holds."""
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf
