"""A whole configuration file from nothing: native, grouped and commented, in the registry's order."""

from collections.abc import Iterator
from typing import Any

from app.config.config import LORA_BLOCK, READ_WHERE_PRESENT, Config
from app.config.groups import GROUPS
from app.config.parameter import Kind, Parameter
from app.config.registry import in_group
from app.config.yaml_write import entry_lines


def fresh(config: Config, extra: dict[str, Any] | None = None) -> str:
    """The text of a new file; `extra` are entries that nobody reads, kept at its end."""
    sections = []
    for group in GROUPS:
        entries = list(_entries(config, group.id))
        if entries:
            sections.append("\n".join([f"# {group.label}: {group.summary}", *entries]))
    if extra:
        entries = [line for name, value in extra.items() for line in entry_lines(name, value)]
        sections.append("\n".join(["# Read by neither mlx-lm nor Tunedeck", *entries]))
    return "\n\n".join(sections) + "\n"


def _entries(config: Config, group_id: str) -> Iterator[str]:
    in_block = False
    for parameter in in_group(group_id):
        value = config.values[parameter.key]
        if not _is_worth_a_line(parameter, value):
            continue
        block, _, name = parameter.key.rpartition(".")
        if block and not in_block:
            yield f"{LORA_BLOCK}:"
            in_block = True
        first, *rest = entry_lines(name, value)
        indent = "  " if block else ""
        yield indent + first + _comment(parameter)
        yield from (indent + line for line in rest)


def _is_worth_a_line(parameter: Parameter, value: Any) -> bool:
    if parameter.view or not parameter.read_from_yaml or value is None:
        return False
    plain = parameter.kind is not Kind.STRUCTURE and parameter.key not in READ_WHERE_PRESENT
    return plain or value != parameter.default


def _comment(parameter: Parameter) -> str:
    numeric = parameter.kind in (Kind.INTEGER, Kind.NUMBER)
    # mlx-lm opens the file in the locale's encoding, so what we add ourselves stays ASCII.
    return f"  # typical: {parameter.typical}" if numeric and parameter.typical.isascii() and parameter.typical else ""
