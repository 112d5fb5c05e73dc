"""What a check says, and how to mend what it found."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fix:
    """Values that silence a finding: `edits` are pairs of key and value for `app.config.config.edit`, in order."""

    label: str
    edits: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Finding:
    """`level` is error (will fail), warning (will go wrong or waste) or note. `message` says what, and how to mend it.

    `code` names the rule and stays the same between versions; `keys` are the parameters concerned, the first where to
    look, none where it is about the machine; `why` is one sentence on the ground of the rule, or empty.
    """

    level: str
    code: str
    keys: tuple[str, ...]
    message: str
    why: str = ""
    fix: Fix | None = None
    file: str = ""
    """Of the data, where a row of it is concerned; else the place is that of the keys in the configuration's file."""
    line: int | None = None
    """Of `file`, from 1."""

    @property
    def key(self) -> str:
        """Where to look first; empty when no parameter is concerned."""
        return self.keys[0] if self.keys else ""
