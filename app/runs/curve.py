"""A run's losses on the way that led to its adapter: every iteration once, as it was trained last."""

from array import array
from bisect import bisect_left, bisect_right

from app.runs.history import Series
from app.runs.smoothing import Smoothing

ITERATION, TOKENS, TIME = AXES = ("iteration", "tokens", "time")
"""What curves can be laid over each other by: iterations, trained tokens, seconds of training."""


class Curve:
    """A run that was taken up again went back to a checkpoint. What it had trained after that one is lost, and is not
    on this way, as soon as it trains again: neither its losses, nor its tokens, nor its time.

    Time is that of the steps alone, as in mlx-lm's own tokens/s: no loading, validating or saving.
    """

    def __init__(self) -> None:
        self.iterations = array("d")
        self.losses = array("d")
        self.smoothed = array("d")
        self.tokens = array("d")
        """Trained up to and with each iteration."""
        self.seconds = array("d")
        """Likewise."""
        self.validations = Series()
        self._smoothing = Smoothing()

    def __len__(self) -> int:
        return len(self.iterations)

    def step(self, iteration: int, loss: float, tokens: int, seconds: float) -> None:
        if self.iterations and iteration <= self.iterations[-1]:
            self._forget_from(iteration)
        self.iterations.append(iteration)
        self.losses.append(loss)
        self.smoothed.append(self._smoothing.add(loss))
        self.tokens.append((self.tokens[-1] if self.tokens else 0.0) + tokens)
        self.seconds.append((self.seconds[-1] if self.seconds else 0.0) + seconds)

    def validation(self, iteration: int, loss: float) -> None:
        """A validation after `iteration` was trained."""
        self.validations.put(iteration, loss)

    def best(self) -> tuple[int, float] | None:
        """Iteration and loss of the lowest finite validation, the first of equals."""
        pairs = zip(self.validations.y, self.validations.x, strict=True)
        finite = [(loss, iteration) for loss, iteration in pairs if loss - loss == 0]
        return (int(min(finite)[1]), min(finite)[0]) if finite else None

    def along(self, axis: str) -> tuple[Series, Series]:
        """The smoothed loss and the validations by one of AXES, copied: the curve may grow meanwhile."""
        column = {ITERATION: self.iterations, TOKENS: self.tokens, TIME: self.seconds}[axis]
        places = [self._place(column, iteration) for iteration in self.validations.x]
        validations = self.validations.x if axis == ITERATION else array("d", places)
        return Series(column[:], self.smoothed[:]), Series(validations[:], self.validations.y[:])

    def _place(self, column: array, iteration: float) -> float:
        """Where on an axis it was that so many iterations had been trained."""
        trained = bisect_right(self.iterations, iteration)
        return column[trained - 1] if trained else 0.0

    def _forget_from(self, iteration: int) -> None:
        kept = bisect_left(self.iterations, iteration)
        for column in (self.iterations, self.losses, self.smoothed, self.tokens, self.seconds):
            del column[kept:]
        self.validations.forget_from(iteration)
        self._smoothing = Smoothing()
        for loss in self.losses:
            self._smoothing.add(loss)
