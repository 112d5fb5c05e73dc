"""A run's story as its events tell it: a pure fold, so live, re-attached and replayed look the same."""

from array import array
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field, replace

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
    """Points by rising x. Arrays of doubles, so that numpy reads a million without copying."""

    x: array = field(default_factory=lambda: array("d"))
    y: array = field(default_factory=lambda: array("d"))
    changed: int = field(default=0, compare=False)
    """Grows when other points than new ones at the end came or went."""

    def append(self, x: float, y: float) -> None:
        self.x.append(x)
        self.y.append(y)

    def put(self, x: float, y: float) -> None:
        """A point at its place, instead of one that stands there."""
        place = bisect_left(self.x, x)
        if place == len(self.x):
            self.append(x, y)
            return
        self.changed += 1
        if self.x[place] == x:
            self.y[place] = y
        else:
            self.x.insert(place, x)
            self.y.insert(place, y)

    def forget_from(self, x: float) -> None:
        """Takes away what stands there or behind it."""
        kept = bisect_left(self.x, x)
        del self.x[kept:], self.y[kept:]
        self.changed += 1

    def __len__(self) -> int:
        return len(self.x)


@dataclass
class History:
    """Everything a screen shows of a run. `version` grows with every event: equal versions, equal pictures.

    A run that was taken up again may have gone back. With the first step that it trains there, the losses that it left
    behind are gone from here; checkpoints stay, as their files do.
    """

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
    _reached: int = 0
    """The iteration of the last step."""

    @property
    def iteration(self) -> int:
        return self.last_step.iteration if self.last_step else 0

    @property
    def adapter_iteration(self) -> int | None:
        """Which iteration `adapters.safetensors` is of: every checkpoint is saved there, too. None before the first."""
        return self.checkpoints[-1].iteration if self.checkpoints else None

    @property
    def best_is_in_place(self) -> bool:
        """Whether the adapter in the adapter folder is the best one."""
        return self.best is not None and self.best.iteration == self.adapter_iteration

    def adapters(self) -> list[Checkpoint]:
        """What was saved in the adapter folder, each name once and as it is now, the newest first."""
        named = {each.path: each for each in self.checkpoints}
        for path in named:
            if path.rpartition("/")[2] == "adapters.safetensors":
                named[path] = replace(self.checkpoints[-1], path=path)
        return sorted(named.values(), key=lambda each: each.time, reverse=True)

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
                self.reports.put(event.iteration, event.loss)
            case Validation():
                self.last_validation = event
                self.validations.put(event.iteration, event.loss)
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
        if iteration <= self._reached:
            self._go_back_before(iteration)
        self._reached = iteration
        self.steps.append(iteration, loss)
        if loss - loss != 0:  # NaN or infinite
            self.non_finite += 1
        self.smoothed.append(iteration, self._smoothing.add(loss))

    def _go_back_before(self, iteration: int) -> None:
        for series in (self.steps, self.smoothed, self.reports, self.validations):
            series.forget_from(iteration)
        if self.last_report and self.last_report.iteration >= iteration:
            self.last_report = None
        if self.last_validation and self.last_validation.iteration >= iteration:
            self.last_validation = None
        self.tested = None
        self.non_finite = sum(loss - loss != 0 for loss in self.steps.y)
        self._smoothing = Smoothing()
        for loss in self.steps.y:
            self._smoothing.add(loss)
