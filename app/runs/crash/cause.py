"""What a recogniser finds: what happened, why, and what mends it."""

from dataclasses import dataclass
from typing import Any

_LONG = 160
"""Characters of an error's own words that are worth reading in one go."""


@dataclass(frozen=True)
class Proposal:
    """One way to mend it, a sentence. `changes` are pairs of key and value, for `app.config.config.edit`."""

    words: str
    changes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Cause:
    """`code` names the family for scripts; `title` says what happened, without a full stop; `why` may be empty."""

    code: str
    title: str
    why: str
    proposals: tuple[Proposal, ...] = ()


def in_short(words: str) -> str:
    """The beginning of an error's words: some list whole tensors."""
    return words if len(words) <= _LONG else f"{words[:_LONG]} …"
