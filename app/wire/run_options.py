"""What a run does besides plain mlx-lm's training: chosen when it starts, recorded with it."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class RunOptions:
    """Everything off is parity: what `mlx_lm.lora` would have trained, saved and validated."""

    patience: int = 0
    """End after so many validations in a row without a new lowest loss; 0 never does."""
    keep_last: int = 0
    """How many of this run's numbered checkpoints stay in the adapter folder; 0 keeps all."""
    fixed_validation: bool = False
    """Measure the same validation rows each time, instead of another random subset. The training stays the same."""
    validate_last: bool = False
    """Measure the final weights, too, which mlx-lm never validates."""
    pause_on_memory: bool = False
    """Pause, and free all memory, when the computer's is about to run out."""


PARITY = RunOptions()

DIFFERENCES = {
    "patience": "ends early",
    "keep_last": "deletes older checkpoints",
    "fixed_validation": "validates on the same rows each time",
    "validate_last": "validates once more after the last iteration",
}
"""What makes a run differ from plain mlx-lm's, by option. A pause does not: taken up again, a run goes on exactly."""


def differences(options: RunOptions) -> tuple[str, ...]:
    """What differs from plain mlx-lm, in words; empty for parity."""
    return tuple(words for name, words in DIFFERENCES.items() if getattr(options, name))


def options_from(record: object) -> RunOptions:
    """The options that a JSON object tells; what is missing or odd is off."""
    found = record if isinstance(record, dict) else {}
    known = {
        field.name: found[field.name]
        for field in fields(RunOptions)
        if type(found.get(field.name)) is type(getattr(PARITY, field.name))
    }
    return RunOptions(**known)
