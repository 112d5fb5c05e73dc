"""A run's story as its events tell it: a pure fold, so live, re-attached and replayed look the same."""

from array import array
from collections import deque
from dataclasses import dataclass, field

from app.runs.smoothing import Smoothing
from app.wire.events import (
    Best,
    Checkpoint,
    Ended,
    Event,
    Model,
    Note,
    Phase,
    Report,
    Started,
    Step,
    Tested,
    Validation,
)  # fmt: skip


@dataclass
class Series:
    """Points in the order they came. Arrays of doubles, so that numpy reads a million without copying."""

    x: array = field(default_factory=lambda: array("d"))
    y: array = field(default_factory=lambda: array("d"))

    def append(self, x: float, y: float) -> None:
        self.x.append(x)
        self.y.append(y)

    def __len__(self) -> int:
        return len(self.x)


@dataclass
class History:
    """Everything a screen shows of a run. `version` grows with every event: equal versions, equal pictures."""

    version: int = 0
    started: Started | None = None
    phase: Phase | None = None
    model: Model | None = None
    steps: Series = field(default_factory=Series)
    smoothed: Series = field(default_factory=Series)
    reports: Series = field(default_factory=Series)
    validations: Series = field(default_factory=Series)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    best: Best | None = None
    """The adapter that is kept as the best."""
    notes: deque[Note] = field(default_factory=lambda: deque(maxlen=200))
    last_step: Step | None = None
    last_report: Report | None = None
    last_validation: Validation | None = None
    tested: Tested | None = None
    ended: Ended | None = None
    non_finite: int = 0
    """How many steps had a loss that is not a number."""
    _smoothing: Smoothing = field(default_factory=Smoothing)

    @property
    def iteration(self) -> int:
        return self.last_step.iteration if self.last_step else 0

    @property
    def iters(self) -> int:
        return self.started.iters if self.started else 0

    def apply(self, event: Event) -> None:
        self.version += 1
        match event:
            case Started():
                self.started, self.ended = event, None
            case Phase():
                self.phase = event
            case Model():
                self.model = event
            case Step():
                self._step(event)
            case Report():
                self.last_report = event
                self.reports.append(event.iteration, event.loss)
            case Validation():
                self.last_validation = event
                self.validations.append(event.iteration, event.loss)
            case Checkpoint():
                self.checkpoints.append(event)
            case Best():
                self.best = event
            case Tested():
                self.tested = event
            case Note():
                self.notes.append(event)
            case Ended():
                self.ended = event

    def apply_step(self, iteration: int, loss: float) -> None:
        """A step of a long past, told without its event: `last_step` is left to the caller."""
        self.version += 1
        self._loss(iteration, loss)

    def _step(self, step: Step) -> None:
        self.last_step = step
        self._loss(step.iteration, step.loss)

    def _loss(self, iteration: int, loss: float) -> None:
        self.steps.append(iteration, loss)
        if loss - loss != 0:  # NaN or infinite
            self.non_finite += 1
        self.smoothed.append(iteration, self._smoothing.add(loss))
