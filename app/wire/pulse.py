"""A trainer's life signs, as its supervisor sees them from outside: they are there however it dies."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Pulse:
    """One look. Sizes are bytes; `time` is seconds since the Unix epoch."""

    time: float
    trainer: int
    """Resident memory of the trainer."""
    highest: int
    """The most that any look saw of it."""
    total: int
    """The computer's memory."""
    available: int
    swap_used: int


def pulse_from(record: object) -> Pulse | None:
    """The pulse that a JSON object tells; None for what is none."""
    if not isinstance(record, dict):
        return None
    values = {field.name: record.get(field.name) for field in fields(Pulse)}
    if not all(isinstance(value, int | float) for value in values.values()):
        return None
    return Pulse(**values)  # type: ignore[arg-type]
