"""Make a training fit, or use what is left: changes that the verdict calls green, each with its price.

Cheap comes first. Nothing is lost by a smaller batch that accumulates more: the same rows make the same update, in as
many multiplications and with less padding (only the mean is then taken over batches, so that a short one weighs like a
long one). Nothing is lost by checkpoints either, but every trained layer is computed once more, in a quarter to
a half more time. What comes next is paid for in what is learned, by the share that goes: tokens that shorter rows cut
off, layers that stay as they were, ranks. Only where all of that is in vain, another model: its base in 4 bits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from app.config.config import RANK, Config
from app.config.preset_apply import Choice, Choose
from app.machine.state import MachineState
from app.memory import fitting_levers as levers
from app.memory.estimate import Estimate, Method, Part
from app.memory.fitting_levers import BATCH, CHECKPOINT, LAYERS, LENGTH, VARIED, Lever
from app.memory.fitting_trials import Ask, Judge, Proposal, Training, Trials, changes
from app.memory.holders import WEIGHTS
from app.memory.verdict import Level, overall, verdicts

__all__ = [
    "VARIED", "Ask", "Judge", "Largest", "Proposal", "Training", "cheapest", "chooser", "judge", "largest",
    "use_what_is_left",
]  # fmt: skip

_ENOUGH = 3
"""Proposals: each may take some traces of a second or two."""
_FREE = frozenset({BATCH, CHECKPOINT})
"""Levers that take nothing off what is learned."""
_ATTEMPTS = (
    {BATCH},
    {CHECKPOINT},
    {BATCH, CHECKPOINT},
    {BATCH, CHECKPOINT, LENGTH},
    {BATCH, CHECKPOINT, LAYERS},
    {BATCH, CHECKPOINT, RANK},
    {LENGTH},
    {LAYERS},
    {BATCH, CHECKPOINT, LAYERS, LENGTH},
    {BATCH, CHECKPOINT, LAYERS, RANK, LENGTH},
)
"""Levers pulled together."""


@dataclass(frozen=True)
class Largest:
    """The largest value of `key` that is green, all else as it is."""

    key: str
    value: int
    proposal: Proposal
    """Without changes where it is the present value."""
    beyond: int | None
    """The next step, which is not green or not known; None where there is none."""
    beyond_estimate: Estimate | None
    limit: str
    """Why there is no next step; empty where there is one."""


def judge(machine: MachineState, rows_bytes: int = 0) -> Judge:
    """Whether a machine has room, live pressure left aside, which no change of a training mends."""
    calm = replace(machine, pressure=None)
    return lambda estimate: overall(verdicts(estimate, calm, rows_bytes=rows_bytes)).level


def largest(training: Training, key: str) -> Largest | None:
    """The largest value of one of VARIED; None where none is green, or there is none to choose from."""
    lever = levers.lever(key, training.config, training.lengths, training.depth)
    trials = Trials(training)
    place = trials.last_green(lever) if lever else None
    if lever is None or place is None:
        return None
    value, beyond = lever.values[place], next(iter(lever.values[place + 1 :]), None)
    proposal = trials.proposal(lever.changes(value))
    if beyond is None:
        return Largest(key, value, proposal, None, None, _limit(key, training))
    return Largest(key, value, proposal, beyond, trials.estimate(lever.changes(beyond)), "")


def cheapest(training: Training) -> tuple[Proposal, ...]:
    """Three ways at most that are green, the cheapest first; none where it is green already, or nothing is known.

    What comes for batch and length is on the curves of structures that were asked for; others have to be asked for.
    """
    found = list(islice(_ways(training), _ENOUGH))
    return tuple(sorted(found, key=_cheapness)) or _four_bit(training)


def use_what_is_left(training: Training) -> tuple[Proposal, ...]:
    """What a green training has room for: longer rows, no checkpoints, a larger batch, more layers, a higher rank.

    Each by itself, as far as it stays green.
    """
    trials = Trials(training)
    if not trials.is_green():
        return ()
    found = []
    for lever in levers.growing(training.config, training.lengths, training.depth):
        if place := trials.last_green(lever):
            found.append(trials.proposal(lever.changes(lever.values[place])))
    return tuple(found)


def chooser(ask: Ask, level: Judge) -> Choose:
    """For a preset's range: the largest value that is green; the low end where none is, or nothing is known."""

    def choose(config: Config, key: str, low: int, high: int) -> Choice:
        step = levers.LENGTH_STEP if key == LENGTH else 1
        values = sorted({low, *range(-(-low // step) * step, high, step), high})
        trials = Trials(Training(config, ask, level))
        place = trials.last_green(Lever(key, tuple(values), low, lambda value: ((key, value),)))
        if place is None:
            lowest = trials.estimate(((key, low),))
            why = "memory is not known yet" if lowest is None else f"even that is {level(lowest).word}"
            return Choice(low, f"the low end, since {why}")
        if values[place] == high:
            return Choice(high, "the high end, which memory holds")
        return Choice(values[place], "the largest that memory holds")

    return choose


def _ways(training: Training) -> Iterator[Proposal]:
    """By the levers that are pulled, the likely cheaper first; none for what is green or not known."""
    trials = Trials(training)
    now = trials.estimate(())
    if now is None or not _is_too_much(now, training) or _is_too_much(_alone(now), training):
        return
    pulled = {lever.key: lever for lever in levers.shrinking(training.config, training.lengths, training.depth)}
    found: set[frozenset[str]] = set()
    for attempt in _ATTEMPTS:
        keys = frozenset(attempt & pulled.keys())
        settings = {key: pulled[key].values[0] for key in keys}
        if keys and not _is_dearer(keys, found) and trials.is_green(changes(settings, pulled)):
            relaxed = trials.relaxed(settings, pulled)
            found.add(frozenset(relaxed))
            yield trials.proposal(changes(relaxed, pulled))


def _is_too_much(estimate: Estimate, training: Training) -> bool:
    return training.level(estimate) in (Level.YELLOW, Level.RED)


def _is_dearer(keys: frozenset[str], found: Iterable[frozenset[str]]) -> bool:
    """Whether some of the levers were enough: all but where a free one, pulled with them, saves some of the others."""
    return any(within <= keys and (within <= _FREE or not keys - within <= _FREE or within == keys) for within in found)


def _cheapness(proposal: Proposal) -> tuple[float, float, int]:
    return (proposal.price.lost, proposal.price.time, len(proposal.changes))


def _weights(estimate: Estimate) -> int:
    return sum(part.bytes for part in estimate.parts if part.name == WEIGHTS)


def _alone(estimate: Estimate) -> Estimate:
    """What stays whatever is changed: the model's own weights."""
    weights = _weights(estimate)
    return Estimate((Part(WEIGHTS, weights),), weights, weights, weights, Method.TRACED)


def _four_bit(training: Training) -> tuple[Proposal, ...]:
    """Advice where it would be green, since nobody but the person changes the model."""
    if training.four_bit is None:
        return ()
    now = training.ask(training.config)
    if now is None or not _is_too_much(now, training):
        return ()
    other = replace(training, ask=training.four_bit)
    trials = Trials(other)
    estimate = trials.estimate(())
    found = trials.proposal(()) if trials.is_green() else next(_ways(other), None)
    if estimate is None or found is None:
        return ()
    name = str(training.config.values["model"])
    small = name.rstrip("/").rpartition("/")[2] + "-4bit"
    taken, before = (f"{_weights(each) / 1e9:.1f} GB" for each in (estimate, now))
    words = (
        f"its weights take {taken} in place of {before}, and are less exact",
        f"look for mlx-community/{small} on the hub, or make one with"
        f" mlx_lm.convert --hf-path {name} -q --mlx-path {small}, and name it as the model",
        *((f"beside it still {found.title}",) if found.changes else ()),
    )
    return (Proposal("a base in 4 bits", (), found.estimate, found.level, replace(found.price, words=words)),)


def _limit(key: str, training: Training) -> str:
    longest = levers.longest(training.lengths)
    if key == LENGTH and longest:
        return f"no row is longer than {longest} tokens"
    if key == LAYERS:
        return "the model has no more layers"
    if key == BATCH and levers.most_rows(training.lengths) < levers.MOST_BATCH:
        return "mlx-lm takes no batch that is larger than a set"
    return "more was never looked into"
