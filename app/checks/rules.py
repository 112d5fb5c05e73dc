"""All rules that need no disk: pure, and cheap enough for every keystroke."""

from collections.abc import Callable, Iterator

from app.checks import dropout, footprint, limits, rates, rhythm, schedule, strength, updates
from app.checks.context import Context
from app.checks.dataset import DATASET
from app.checks.finding import Finding
from app.checks.hub_data import HUB_DATA
from app.checks.tokens import TOKENS

Rule = Callable[[Context], Iterator[Finding]]

ALWAYS: tuple[Rule, ...] = (limits.rows_below_batch, *DATASET, *HUB_DATA, *TOKENS)

TRAINING: tuple[Rule, ...] = (
    limits.layers_above_depth,
    updates.no_update,
    updates.effective_batch,
    updates.thrown_away,
    strength.no_scale,
    strength.strong_scale,
    rates.unusual_rate,
    rates.rate_overridden,
    rates.adafactor_rate,
    schedule.warmup_too_long,
    schedule.decay_out_of_step,
    dropout.repeated_rows,
    dropout.masks_differ,
    rhythm.rare_validation,
    rhythm.reported_once,
    rhythm.saved_once,
    footprint.large_batch,
    footprint.long_rows,
    footprint.no_checkpointing,
    footprint.many_layers,
    footprint.no_accumulation,
)


def check(context: Context) -> tuple[Finding, ...]:
    """Every finding on a configuration; of one that does not train, only what concerns a test and its data."""
    rules = ALWAYS + TRAINING if context.values["train"] else ALWAYS
    return tuple(finding for rule in rules for finding in rule(context))
