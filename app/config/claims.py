"""Which entries of a file speak about which parameter, and in whose language."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from app.config.config import ALPHA, LORA_BLOCK
from app.config.document import Document, KeyPath
from app.config.older import meaning
from app.config.parameter import Parameter
from app.config.registry import BY_KEY, find


class Form(IntEnum):
    """How an entry is named. Where several speak about one parameter the smallest wins."""

    NATIVE = 0
    """mlx-lm's own name, where mlx-lm looks for it."""
    FLAT = 1
    """The reference's name, which mlx-lm ignores."""
    OLDER = 2
    """A former or foreign name, which mlx-lm ignores."""


@dataclass(frozen=True)
class Claim:
    """One entry of a file about the parameter `key`."""

    key: str
    path: KeyPath
    form: Form
    value: Any
    """Of the parameter; see `app.config.older` for entries that say it otherwise."""
    line: int | None

    @property
    def name(self) -> str:
        return ".".join(self.path)


def claims(document: Document) -> tuple[list[Claim], list[KeyPath]]:
    """The entries that speak about parameters, and the paths of those that nobody reads."""
    found: list[Claim] = []
    unknown: list[KeyPath] = []
    for name, whole in document.data.items():
        inside = isinstance(whole, dict) and name.replace("-", "_") == LORA_BLOCK
        entries = {(name, leaf): item for leaf, item in whole.items()} if inside else {(name,): whole}
        for path, item in entries.items():
            if named := _parameter(path):
                parameter, form = named
                value = item if form is Form.NATIVE else meaning(str(path[-1]), item)
                found.append(Claim(parameter.key, path, form, value, document.lines.get(path)))
            elif path != (LORA_BLOCK,):
                unknown.append(path)
    return found, unknown


def _parameter(path: KeyPath) -> tuple[Parameter, Form] | None:
    """The parameter an entry speaks about, and whether mlx-lm would hear it."""
    *block, name = map(str, path)
    if block:
        parameter = find(f"{LORA_BLOCK}.{name}") or find(name)
        inside = parameter and (parameter.key.startswith(LORA_BLOCK) or parameter.key == ALPHA)
        if not parameter or not inside:
            return None
        is_native = parameter.key == f"{block[0]}.{name}"
        return parameter, Form.NATIVE if is_native else Form.OLDER
    parameter = find(name)
    if parameter is None:
        return None
    if name == parameter.flat:
        return parameter, Form.FLAT
    is_native = name in BY_KEY and "." not in name
    return parameter, Form.NATIVE if is_native else Form.OLDER
