"""What a recogniser finds: what happened, why, and what mends it."""

from dataclasses import dataclass
from typing import Any


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
