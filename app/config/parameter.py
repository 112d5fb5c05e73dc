"""What is known of one training parameter, before it has a value."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What a parameter holds, hence how it is typed, checked and written."""

    TEXT = "text"
    PATH = "path"
    INTEGER = "integer"
    NUMBER = "number"
    SWITCH = "true or false"
    CHOICE = "one of"
    NAMES = "list of names"
    STRUCTURE = "YAML structure"


@dataclass(frozen=True)
class Parameter:
    """One entry of the registry.

    `key` is mlx-lm's own path, dotted inside `lora_parameters` (`lora_parameters.rank`).
    Bounds are hard: a value outside them makes mlx-lm fail. `typical` informs and refuses nothing.
    """

    key: str
    group: str
    kind: Kind
    default: Any
    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    forbidden: tuple[Any, ...] = ()
    choices: tuple[str, ...] = ()
    typical: str = ""
    optional: bool = False
    flat: str | None = None
    """The reference's name for it, where that differs from mlx-lm's."""
    aliases: tuple[str, ...] = ()
    """Older or foreign names that mean the same and that mlx-lm now ignores."""
    view: bool = False
    """Another look at values that stand elsewhere (`lora_alpha`, `use_dora`): mlx-lm has no such key."""
    read_from_yaml: bool = True
    """False where stock mlx-lm accepts the key in YAML and never looks at it."""
    memory: str = ""
    speed: str = ""
    quality: str = ""
