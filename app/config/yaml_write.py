"""Values as YAML text: mappings in blocks, short lists on a line, plain scalars where they read back."""

from typing import Any

import yaml

from app.config import yaml_values
from app.config.numbers import number_text

STEP = 2
"""Columns that a nested block is indented by, where a file shows no habit of its own."""


def scalar_text(value: Any, flow: bool = False, quote: str = "") -> str:
    """One scalar. Text keeps the `quote` it had, gets none where it needs none, and cannot leave its line."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    if not isinstance(value, str):
        dumped: str = yaml.safe_dump(value, default_flow_style=True, width=10**9)
        return dumped.removesuffix("\n...\n").strip()
    if quote == '"':
        return _double_quoted(value)
    if not quote and _reads_back(value, flow):
        return value
    single = "'" + value.replace("'", "''") + "'"
    return single if value.isprintable() else _double_quoted(value)


def flow_text(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, dict):
        pairs = (f"{scalar_text(key, flow=True)}: {flow_text(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    return scalar_text(value, flow=True)


def block_lines(value: Any, step: int = STEP) -> list[str]:
    """A mapping or list, one entry a line, the first without indentation and the others relative to it."""
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in entry_lines(key, item, step)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item_lines(item, step)]
    return [flow_text(value)] if isinstance(value, dict | list) else [scalar_text(value)]


def block_text(value: Any) -> str:
    """A structure as a person edits it in a field of several lines."""
    return "\n".join(block_lines(value))


def entry_lines(key: str, value: Any, step: int = STEP) -> list[str]:
    """`key: value`, over as many lines as the value needs."""
    name = scalar_text(key)
    if (isinstance(value, dict) and value) or (isinstance(value, list) and not is_flat(value)):
        return [f"{name}:", *(" " * step + line for line in block_lines(value, step))]
    return [f"{name}: {flow_text(value) if isinstance(value, dict | list) else scalar_text(value)}"]


def is_flat(value: list[Any]) -> bool:
    """A list that reads well on one line."""
    return not any(isinstance(item, dict | list) for item in value)


def _item_lines(item: Any, step: int) -> list[str]:
    if isinstance(item, list):
        return [f"- {flow_text(item)}"]
    first, *rest = block_lines(item, step)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _reads_back(text: str, flow: bool) -> bool:
    if not text.isprintable():
        return False
    probe, expected = (f"[{text}]", [text]) if flow else (f"key: {text}", {"key": text})
    try:
        return bool(yaml_values.load(probe) == expected)
    except (yaml.YAMLError, RecursionError):
        return False


def _double_quoted(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', width=10**9, allow_unicode=True).removesuffix("\n")
