"""What of a training may be changed to make it need less memory, or more: each lever with its values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.config.config import METHOD, RANK, Config
from app.data.lengths import Lengths

Changes = tuple[tuple[str, Any], ...]
"""Pairs of key and value, for `app.config.config.edit` in their order."""

BATCH, GROUP, CHECKPOINT, LENGTH, LAYERS = (
    "batch_size", "grad_accumulation_steps", "grad_checkpoint", "max_seq_length", "num_layers",
)  # fmt: skip
VARIED = (LENGTH, BATCH, LAYERS, RANK)
"""Keys whose largest value can be asked for."""

LENGTH_STEP, LEAST_LENGTH = 32, 64
"""Tokens: what mlx-lm pads rows to, and what is little enough to be of no use."""
MOST_LENGTH, MOST_BATCH, MOST_RANK = 131_072, 64, 128
"""Beyond the first two no curve was fitted; above the rank nobody goes, whose weights outgrow what they adapt."""
_IN_ITERATIONS = ("steps_per_report", "steps_per_eval", "save_every")


@dataclass(frozen=True)
class Lever:
    """`values` go up in memory; `present` is one of them. `changes` is what setting a value means, nothing for it."""

    key: str
    values: tuple[int, ...]
    present: int
    changes: Callable[[int], Changes]

    @property
    def begin(self) -> int:
        """The place of the present value."""
        return self.values.index(self.present)


def shrinking(config: Config, lengths: Lengths | None, depth: int | None) -> tuple[Lever, ...]:
    """What could need less, the cheapest to pull first; `depth` is the model's number of layers."""
    levers = (exchange(config), checkpoint(config), length(config, lengths), layers(config, depth), rank(config))
    return tuple(_cut(lever, 0, lever.begin + 1) for lever in levers if lever and lever.begin > 0)


def growing(config: Config, lengths: Lengths | None, depth: int | None) -> tuple[Lever, ...]:
    """What more memory could be used for."""
    more = exchange(config, lengths) if config.values[GROUP] > 1 else batch(config, lengths)
    longer = length(config, lengths) if lengths else None
    levers = (longer, checkpoint(config), more, layers(config, depth), rank(config))
    return tuple(_cut(lever, lever.begin, None) for lever in levers if lever and lever.begin < len(lever.values) - 1)


def lever(key: str, config: Config, lengths: Lengths | None, depth: int | None) -> Lever | None:
    """One of VARIED by itself; None where it has no values to choose from."""
    if key == BATCH:
        return batch(config, lengths, rescaled=False)
    if key == LENGTH:
        return length(config, lengths)
    return layers(config, depth) if key == LAYERS else rank(config)


def exchange(config: Config, lengths: Lengths | None = None) -> Lever:
    """The batch size against accumulation, so that an update sees as many rows, and the run as many, as before."""
    values = config.values
    effective = values[BATCH] * values[GROUP]
    most = max(values[BATCH], most_rows(lengths))
    batches = (size for size in range(1, min(effective, most) + 1) if effective % size == 0)
    return _lever(BATCH, batches, values[BATCH], lambda size: _rescaled(config, size, effective // size))


def batch(config: Config, lengths: Lengths | None, *, rescaled: bool = True) -> Lever:
    """The batch size by itself; `rescaled` keeps the rows that the run sees, not its updates."""
    present = config.values[BATCH]

    def changes(size: int) -> Changes:
        return _rescaled(config, size, config.values[GROUP]) if rescaled else ((BATCH, size),)

    return _lever(BATCH, range(1, most_rows(lengths) + 1), present, changes)


def checkpoint(config: Config) -> Lever:
    """0 is with checkpoints, which need less."""
    present = 0 if config.values[CHECKPOINT] else 1
    return _lever(CHECKPOINT, (0, 1), present, lambda value: ((CHECKPOINT, value == 0),))


def length(config: Config, lengths: Lengths | None) -> Lever:
    """In steps of what rows are padded to, up to what the longest row needs: more than that changes nothing."""
    needed = longest(lengths)
    most = MOST_LENGTH if needed is None else -(-needed // LENGTH_STEP) * LENGTH_STEP
    return _single(config, LENGTH, range(LEAST_LENGTH, most + 1, LENGTH_STEP), config.values[LENGTH])


def layers(config: Config, depth: int | None) -> Lever | None:
    """mlx-lm takes 0 and any negative number for all layers. None where those are not known."""
    given = config.values[LAYERS]
    most = depth if depth is not None else given
    return _single(config, LAYERS, range(1, most + 1), given if given > 0 else most) if most > 0 else None


def rank(config: Config) -> Lever | None:
    """In powers of two; None without an adapter."""
    if config.values[METHOD] == "full":
        return None
    powers = (1 << power for power in range(MOST_RANK.bit_length()))
    return _single(config, RANK, powers, config.values[RANK])


def longest(lengths: Lengths | None) -> int | None:
    """Tokens of the longest row that is trained or validated on; None when not known."""
    sets = (lengths.train, lengths.valid) if lengths else ()
    return max((each.longest for each in sets if each and each.longest), default=None)


def most_rows(lengths: Lengths | None) -> int:
    """mlx-lm refuses a batch that is larger than the training or the validation set."""
    sets = (lengths.train, lengths.valid) if lengths else ()
    return min([MOST_BATCH, *(each.rows for each in sets if each and each.rows)])


def _rescaled(config: Config, size: int, group: int) -> Changes:
    """Another batch size, and all that is counted in batches: the same rows between two of a kind as before."""
    values = config.values
    before = values[BATCH]
    changes = {BATCH: size, GROUP: group, "iters": -(-values["iters"] * before // size)}
    changes |= {key: max(1, round(values[key] * before / size)) for key in _IN_ITERATIONS}
    validated = ("val_batches", "test_batches") if values["test"] else ("val_batches",)
    changes |= {key: -(-values[key] * before // size) for key in validated if values[key] > 0}
    return tuple((key, value) for key, value in changes.items() if value != values[key])


def _single(config: Config, key: str, values: Iterable[int], present: int) -> Lever:
    return _lever(key, values, present, lambda value: ((key, value),))


def _lever(key: str, values: Iterable[int], present: int, changes: Callable[[int], Changes]) -> Lever:
    ordered = tuple(sorted({*values, present}))
    return Lever(key, ordered, present, lambda value: () if value == present else changes(value))


def _cut(lever: Lever, first: int, end: int | None) -> Lever:
    return Lever(lever.key, lever.values[first:end], lever.present, lever.changes)
