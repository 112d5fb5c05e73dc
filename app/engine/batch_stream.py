"""mlx-lm's endless batches, with what it takes to find the same place among them again."""

from collections.abc import Iterator
from typing import Any

from mlx_lm.tuner.datasets import CacheDataset
from mlx_lm.tuner.trainer import iterate_batches

from app.engine.failures import Failure
from app.engine.loading import odd_row
from app.engine.resume_state import Boundary, numpy_state, set_numpy_state


class BatchStream:
    """Batches in mlx-lm's order: one permutation a pass, drawn from numpy's global generator.

    `pass_order` is that generator before the present pass was shuffled, `drawn` the batches taken of it.
    """

    def __init__(self, dataset: CacheDataset, batch_size: int, **options: Any):
        self._dataset = dataset
        self._batches: Iterator[Any] = iterate_batches(dataset, batch_size, **options)
        self._pass_length = len(dataset) // batch_size
        self.pass_order = numpy_state()
        self.drawn = 0

    def draw(self) -> Any:
        """The next batch: tokens (batch, length) and for each row the span that trains. Raises Failure."""
        if self.drawn == self._pass_length:
            self.drawn = 0
        if self.drawn == 0:
            self.pass_order = numpy_state()
        self.drawn += 1
        try:
            return next(self._batches)
        except (RuntimeError, MemoryError):  # MLX's, and no row's
            raise
        except Exception as error:  # a row breaks in whatever it meets first, a chat template among others
            sentence = odd_row(self._dataset, "train")
            if sentence is None:
                raise
            raise Failure(sentence) from error

    def wind_to(self, boundary: Boundary) -> None:
        """Take the stream and numpy's generator to where they were at a boundary, from a fresh stream."""
        set_numpy_state(boundary.pass_order)
        for _ in range(boundary.drawn):
            self.draw()
        set_numpy_state(boundary.data_order)
