"""The README's parameter table, made from the registry.

`python -m app.config.reference_table README.md` rewrites what stands between the two markers.
"""

import sys
from pathlib import Path

import yaml

from app.config.groups import GROUPS
from app.config.parameter import Kind, Parameter
from app.config.registry import in_group

BEGIN = "<!-- parameters -->"
END = "<!-- /parameters -->"

_HEAD = "| Parameter | Type | Default | Typical | What it does |\n|---|---|---|---|---|"


def markdown_table() -> str:
    """All parameters as Markdown: a heading, a sentence and a table for each group."""
    sections = []
    for group in GROUPS:
        rows = "\n".join(_row(parameter) for parameter in in_group(group.id))
        sections.append(f"### {group.label}\n\n{group.summary}\n\n{_HEAD}\n{rows}\n")
    return "\n".join(sections)


def with_table(readme: str) -> str:
    """`readme` with the region between the markers replaced by the table; ValueError without markers."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"needs the markers {BEGIN} and {END}, in this order")
    return f"{before}{BEGIN}\n\n{markdown_table()}\n{END}{after}"


def _row(parameter: Parameter) -> str:
    cells = (
        _names(parameter),
        " or ".join(_code(choice) for choice in parameter.choices) or parameter.kind.value,
        _default(parameter),
        _typical(parameter),
        parameter.help,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _names(parameter: Parameter) -> str:
    if parameter.flat in (None, parameter.key):
        return _code(parameter.key)
    return f"{_code(parameter.key)} (`{parameter.flat}`)"


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return "none"
    if isinstance(parameter.default, float):
        return _code(f"{parameter.default!r}".replace("e-0", "e-"))
    text = yaml.safe_dump(parameter.default, default_flow_style=True, width=sys.maxsize, sort_keys=False)
    return _code(text.removesuffix("\n").removesuffix("\n..."))


def _typical(parameter: Parameter) -> str:
    written_as_code = parameter.kind in (Kind.STRUCTURE, Kind.NAMES) and parameter.typical
    return _code(parameter.typical) if written_as_code else parameter.typical


def _code(text: str) -> str:
    return f"`{text}`"


def main(arguments: list[str]) -> int:
    """Rewrite the table in the file named; 0 when done, 2 with a sentence when it cannot be."""
    if len(arguments) != 1:
        print("usage: python -m app.config.reference_table README.md", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        text = with_table(path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
