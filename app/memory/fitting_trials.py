"""Variants of one training, each estimated once, and what they cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from app.config.config import RANK, Config, edit
from app.data.lengths import Lengths
from app.memory.estimate import Estimate
from app.memory.fitting_levers import BATCH, CHECKPOINT, GROUP, LAYERS, LENGTH, Changes, Lever
from app.memory.fitting_price import Price, price
from app.memory.fitting_search import last_green
from app.memory.verdict import Level

Ask = Callable[[Config], Estimate | None]
"""The estimate of a configuration; None when it is not known. May take seconds, and raise what ends the search."""
Judge = Callable[[Estimate], Level]
Settings = Mapping[str, int]
"""Values of levers, by key."""


@dataclass(frozen=True)
class Training:
    """What is to fit: `ask` and `level` decide whether it does, `lengths` and the model's `depth` what that costs."""

    config: Config
    ask: Ask
    level: Judge
    lengths: Lengths | None = None
    depth: int | None = None
    four_bit: Ask | None = None
    """The same training on the base in 4 bits; None where there is no such base to ask about."""


@dataclass(frozen=True)
class Proposal:
    """Always green. `title` and `changes` make an `app.checks.finding.Fix`, one step of undo.

    One without changes is advice, to be followed by hand.
    """

    title: str
    changes: Changes
    estimate: Estimate
    level: Level
    price: Price


@dataclass
class Trials:
    """Of one training. What `training.ask` raises goes through."""

    training: Training
    _known: dict[frozenset, Estimate | None] = field(default_factory=dict)

    def estimate(self, changes: Changes) -> Estimate | None:
        key = frozenset(changes)
        if key not in self._known:
            self._known[key] = self.training.ask(self._config(changes))
        return self._known[key]

    def is_green(self, changes: Changes = ()) -> bool:
        return self._is_green(self.estimate(changes))

    def last_green(self, lever: Lever, others: Changes = (), near: int | None = None) -> int | None:
        """The place of a lever's last green value beside other changes; `near` a value from which to look."""
        return last_green(
            lever.values,
            lambda value: self.estimate((*others, *lever.changes(value))),
            self._is_green,
            lever.values.index(lever.present if near is None else near),
        )

    def relaxed(self, settings: Settings, levers: Mapping[str, Lever]) -> Settings:
        """Green settings with each lever let go as far as they stay green, the dearest first, the last of `levers`.

        Without those that are not needed.
        """
        relaxed = dict(settings)
        for key in [key for key in levers if key in settings][::-1]:
            lever, near = levers[key], relaxed.pop(key)
            place = self.last_green(lever, changes(relaxed, levers), near)
            assert place is not None, "green before, and asked again"
            if lever.values[place] != lever.present:
                relaxed[key] = lever.values[place]
        return relaxed

    def proposal(self, changes: Changes) -> Proposal:
        """Of changes that are green."""
        training, estimate = self.training, self.estimate(changes)
        assert estimate is not None
        cost = price(training.config, self._config(changes), training.lengths, training.depth)
        return Proposal(_title(changes), changes, estimate, training.level(estimate), cost)

    def _config(self, changes: Changes) -> Config:
        return reduce(lambda config, change: edit(config, *change), changes, self.training.config)

    def _is_green(self, estimate: Estimate | None) -> bool:
        return estimate is not None and self.training.level(estimate) is Level.GREEN


def changes(settings: Settings, levers: Mapping[str, Lever]) -> Changes:
    """What settings mean, in the order of the levers."""
    return tuple(change for key in levers if key in settings for change in levers[key].changes(settings[key]))


def _title(changes: Changes) -> str:
    """The changes that decide; the others follow from them."""
    said = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in changes}
    return ", ".join(f"{key} {said[key]}" for key in (BATCH, GROUP, CHECKPOINT, LENGTH, LAYERS, RANK) if key in said)
