"""All rules: pure, and cheap enough for every keystroke."""

from collections.abc import Callable, Iterator

from app.checks import (
    adapters,
    base_model,
    disk,
    dropout,
    folders,
    footprint,
    installation,
    limits,
    method,
    modules,
    names,
    optimizers,
    rates,
    resuming,
    rhythm,
    schedule,
    strength,
    updates,
    without_effect,
)
from app.checks.context import Context
from app.checks.dataset import DATASET
from app.checks.finding import Finding
from app.checks.hub_data import HUB_DATA
from app.checks.tokens import TOKENS

Rule = Callable[[Context], Iterator[Finding]]

ALWAYS: tuple[Rule, ...] = (
    installation.no_backend,
    limits.nothing_to_do,
    base_model.model_not_set,
    base_model.model_not_found,
    base_model.model_unreadable,
    base_model.weights_missing,
    base_model.cannot_train,
    folders.data_not_set,
    folders.data_not_found,
    folders.no_rows,
    names.name_as_pattern,
    installation.no_datasets,
    installation.tracker,
    limits.rows_below_batch,
    limits.batch_not_divisible,
    adapters.no_adapter_to_test,
    *DATASET,
    *HUB_DATA,
    *TOKENS,
)
"""What concerns a test alone as well."""

TRAINING: tuple[Rule, ...] = (
    limits.layers_above_depth,
    method.full_on_quantized,
    method.dora_on_experts,
    method.dora_on_odd_bits,
    modules.keys_match,
    modules.all_layers,
    updates.no_update,
    updates.effective_batch,
    updates.thrown_away,
    optimizers.settings_unknown,
    optimizers.settings_wrong,
    optimizers.settings_unused,
    resuming.resume_unreadable,
    resuming.resume_other_rank,
    resuming.resume_other_modules,
    resuming.resume_other_method,
    resuming.resume_overwritten,
    adapters.adapter_stands,
    folders.data_in_adapters,
    names.name_as_markup,
    disk.checkpoints_fill_disk,
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
    rhythm.validated_more_often,
    rhythm.validated_on_a_sample,
    footprint.large_batch,
    footprint.long_rows,
    footprint.no_checkpointing,
    footprint.many_layers,
    footprint.no_accumulation,
    resuming.resume_weights_only,
    modules.every_module,
    method.full_leaves_out,
    method.fuse_on_quantized,
    without_effect.cache_threshold,
    without_effect.project_name,
)


def check(context: Context) -> tuple[Finding, ...]:
    """Every finding on a configuration; of one that does not train, only what concerns a test and its data."""
    rules = ALWAYS + TRAINING if context.values["train"] else ALWAYS
    return tuple(finding for rule in rules for finding in rule(context))
