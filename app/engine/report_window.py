"""The losses between two reports, summed as mlx-lm sums them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ReportWindow:
    """An open window: the float32 sum of its losses, its steps, trained tokens and seconds of training."""

    loss_sum: float = 0.0
    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def with_step(self, loss: float, tokens: int, seconds: float) -> "ReportWindow":
        # mlx-lm adds float32 arrays; adding in doubles would differ in the last digit.
        total = np.float32(self.loss_sum) + np.float32(loss)
        return ReportWindow(float(total), self.steps + 1, self.tokens + tokens, self.seconds + seconds)

    @property
    def loss(self) -> float:
        """Mean over the steps, whatever their tokens, as mlx-lm reports it."""
        return self.loss_sum / self.steps
