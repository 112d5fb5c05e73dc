"""What a change of a training costs, or gains: rows cut, time, and how much is trained."""

from dataclasses import dataclass

from app.config.config import METHOD, RANK, Config
from app.data.lengths import Lengths, SetLengths, Truncated, truncated
from app.memory.fitting_levers import BATCH, CHECKPOINT, GROUP, LAYERS, LENGTH

_WORTH_SAYING = 0.05
"""Of the time of an update."""


@dataclass(frozen=True)
class Price:
    """`time` is that of the run by what it was before, were only multiplications counted: a number near, not exact."""

    words: tuple[str, ...]
    time: float
    lost: float
    """The share that goes of what is learned from and with: tokens times layers times ranks. Below 0 it grows."""
    cut: Truncated | None
    """Training rows that are cut after the change; None while the rows are not known."""


def price(before: Config, after: Config, lengths: Lengths | None, depth: int | None) -> Price:
    """Of coming from one configuration to another of the same model and data; `depth` is the model's layers."""
    train = lengths.train if lengths else None
    kept = _kept(before, after, train)
    layers = _layers(after, depth) / _layers(before, depth)
    ranks = after.values[RANK] / before.values[RANK]
    time = kept * _passes(after, depth) / _passes(before, depth)
    is_told = train is not None or before.values[LENGTH] == after.values[LENGTH]
    words = (
        *_batch(before, after),
        *_length(before, after, train),
        *_capacity(before, after, depth),
        *(_time(time) if is_told else ()),
    )
    return Price(words, time, 1 - kept * layers * ranks, truncated(train, after.values[LENGTH]))


def _passes(config: Config, depth: int | None) -> float:
    """How often a layer is gone through in a step: all of them forward, the trained ones backward, and forward again
    where they are checkpointed. Backward is twice the work where the weights themselves are trained.

    https://arxiv.org/abs/1604.06174 for checkpoints; for the backward pass, a layer's two products of which an adapter
    leaves out the one for the weights' gradient.
    """
    trained = _layers(config, depth)
    every = trained if depth is None else depth
    backward = 2 if config.values[METHOD] == "full" else 1
    return every + trained * (backward + bool(config.values[CHECKPOINT]))


def _layers(config: Config, depth: int | None) -> int:
    given = config.values[LAYERS]
    return min(given, depth or given) if given > 0 else depth or 1


def _kept(before: Config, after: Config, train: SetLengths | None) -> float:
    """Tokens that are trained on, by those before; while the rows are not known, as though all were that long."""
    was, now = before.values[LENGTH], after.values[LENGTH]
    if train is None or not train.tokens:
        return now / was
    return _tokens(train, now) / _tokens(train, was)


def _tokens(train: SetLengths, most: int) -> int:
    return sum(min(length, most) * rows for length, rows in train.counts)


def _batch(before: Config, after: Config) -> tuple[str, ...]:
    (size, group), (new_size, new_group) = ((each.values[BATCH], each.values[GROUP]) for each in (before, after))
    if size == new_size:
        return ()
    if size * group == new_size * new_group:
        return (f"an update still takes in {size * group} rows, {new_size} at a time",)
    return (f"an update takes in {new_size * new_group} rows in place of {size * group}",)


def _length(before: Config, after: Config, train: SetLengths | None) -> tuple[str, ...]:
    was, now = before.values[LENGTH], after.values[LENGTH]
    if was == now:
        return ()
    cut, cut_before = truncated(train, now), truncated(train, was)
    if train is None or cut is None or cut_before is None:
        return (f"rows are cut at {now} tokens in place of {was}; how long they are is not known",)
    rows, share = f"{cut.rows} of {train.rows} rows", f"{cut.tokens / max(1, train.tokens):.1%} of all tokens"
    if not cut.rows:
        return ("no row is cut",)
    return (f"{rows} are cut, by {share} (now {cut_before.rows})",)


def _capacity(before: Config, after: Config, depth: int | None) -> tuple[str, ...]:
    words = []
    was, now = _layers(before, depth), _layers(after, depth)
    if was != now:
        which = "all" if now == depth else f"the last {now}"
        words.append(f"{which} layers are trained in place of {was}")
    if before.values[RANK] != after.values[RANK]:
        times = after.values[RANK] / before.values[RANK]
        words.append(f"{times:.3g} times the weights to learn in each")
    return tuple(words)


def _time(time: float) -> tuple[str, ...]:
    if abs(time - 1) < _WORTH_SAYING:
        return ("about as long an update",)
    return (f"about {time:.1f} times as long an update",)
