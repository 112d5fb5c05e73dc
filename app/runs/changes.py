"""What another configuration means for a run that is to go on: little, another order of the rows, or that it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Effect(Enum):
    GOES_ON = "goes on"
    """The run goes on where it was; from there on it trains as the new value says."""
    FRESH_ORDER = "fresh order"
    """The rows make other batches, so their order begins anew."""
    UNFIT = "unfit"
    """What was saved has no place in what this value makes."""


@dataclass(frozen=True)
class Change:
    """`key` as in the native configuration, `lora_parameters.rank` for what is inside; None where it is absent."""

    key: str
    before: Any
    after: Any
    effect: Effect
    meaning: str


_OTHER_WEIGHTS = "the saved weights are of other modules, so the run cannot go on: begin a new one"
_OTHER_ROWS = "the rows make other batches, so their order begins anew"
_OTHER_VALIDATION = (
    "validations draw from the numbers that order the batches, so these come in another order than if it had been so "
    "from the beginning"
)
_MEANINGS = {
    "model": (Effect.UNFIT, "the saved weights belong to the other model, so the run cannot go on: begin a new one"),
    "train": (Effect.UNFIT, "there is nothing to go on with"),
    "fine_tune_type": (Effect.UNFIT, _OTHER_WEIGHTS),
    "num_layers": (Effect.UNFIT, _OTHER_WEIGHTS),
    "lora_parameters.rank": (Effect.UNFIT, _OTHER_WEIGHTS),
    "lora_parameters.keys": (Effect.UNFIT, _OTHER_WEIGHTS),
    "lora_parameters.scale": (Effect.GOES_ON, "the adapter acts more or less strongly at once, so the loss jumps"),
    "lora_parameters.dropout": (Effect.GOES_ON, "inputs are dropped so from here on"),
    "optimizer": (Effect.UNFIT, "the saved moments are another optimizer's, so the run cannot go on: begin a new one"),
    "optimizer_config": (Effect.GOES_ON, "updates use it from here on"),
    "learning_rate": (Effect.GOES_ON, "updates use it from here on, unless there is an lr_schedule"),
    "lr_schedule": (Effect.GOES_ON, "updates take their rate from it, at the number of updates reached so far"),
    "iters": (Effect.GOES_ON, "the run ends there; an lr_schedule keeps its own length"),
    "data": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "hf_dataset": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "prompt_feature": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "completion_feature": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "chat_feature": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "text_feature": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "batch_size": (Effect.FRESH_ORDER, _OTHER_ROWS),
    "seed": (Effect.FRESH_ORDER, "the order of the batches begins anew; weights and dropout go on"),
    "max_seq_length": (
        Effect.GOES_ON,
        "rows are cut there from here on, so losses are no longer comparable",
    ),
    "mask_prompt": (Effect.GOES_ON, "other tokens count from here on, so losses are no longer comparable"),
    "grad_checkpoint": (Effect.GOES_ON, "memory and time change; without dropout the losses stay"),
    "grad_accumulation_steps": (Effect.GOES_ON, "updates come more or less often from here on"),
    "steps_per_eval": (Effect.GOES_ON, _OTHER_VALIDATION),
    "val_batches": (Effect.GOES_ON, _OTHER_VALIDATION),
    "adapter_path": (Effect.GOES_ON, "adapters are saved there from here on; earlier ones stay where they are"),
    "resume_adapter_file": (Effect.GOES_ON, "without effect: it is read where a run begins, and this one goes on"),
}
_HARMLESS = (Effect.GOES_ON, "it is so from here on, and does not touch what is trained")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs between two native configurations, those that stand in the way first."""
    old, new = _flat(before), _flat(after)
    keys = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    found = [Change(key, old.get(key), new.get(key), *_MEANINGS.get(key, _HARMLESS)) for key in keys]
    return tuple(sorted(found, key=lambda change: change.effect is not Effect.UNFIT))


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    inside = config.get("lora_parameters")
    flat = {key: value for key, value in config.items() if key != "lora_parameters"}
    return flat | {f"lora_parameters.{key}": value for key, value in (inside or {}).items()}
