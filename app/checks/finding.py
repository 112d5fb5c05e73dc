"""What a check says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`level` is error (will fail) or warning (will go wrong or waste). `message` says what, and how to mend it."""

    level: str
    key: str
    message: str
