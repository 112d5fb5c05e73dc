"""The text of a single value, as a file has it."""

import textwrap
from typing import Any

import yaml

from app.config import spans
from app.config.document import Document, KeyPath


def raw_text(document: Document, path: KeyPath, value: Any) -> str:
    """The characters of the value at `path`, or `value` as text where it stands elsewhere (merge keys)."""
    try:
        entry = spans.find(spans.root(document.text), path)
    except (yaml.YAMLError, RecursionError):
        entry = None
    if entry is None:
        return str(value)
    start = entry.value.start_mark
    text = document.text[start.index : spans.node_end(entry.value)]
    return textwrap.dedent(" " * start.column + text).strip()
