"""A row as the model will see it, in lines: what it is given, what it is trained on, what is cut off."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from app.data.row_view import RowView
from app.session.row_words import fate, row_headline, token_words
from app.wire.text import printable

_WIDTH = 66
"""Letters of text in a line, beside the margin."""


def row_lines(name: str, view: RowView) -> Iterator[str]:
    """Ready to print: what is untrusted in it is escaped."""
    yield f"{row_headline(name, view)}; special tokens in ⟦ ⟧"
    for state, tokens in groupby(view.tokens, lambda token: fate(token, view)):
        text = "".join(map(token_words, tokens))
        margin = state
        for line in _wrapped(text):
            yield f"{margin:<7} │ {line}"
            margin = ""


def row_as_json(view: RowView) -> dict[str, Any]:
    tokens = (
        {"text": one.text, "id": one.id, "special": one.is_special, "trained": one.is_trained, "cut": one.is_cut}
        for one in view.tokens
    )
    return {"line": view.line, "length": view.length, "prompt": view.prompt, "tokens": list(tokens)}


def _wrapped(text: str) -> Iterator[str]:
    """Line ends are shown, and end a line."""
    parts = text.split("\n")
    for number, part in enumerate(parts):
        line = printable(part) + ("\\n" if number < len(parts) - 1 else "")
        if line or len(parts) == 1:
            yield from (line[at : at + _WIDTH] for at in range(0, max(1, len(line)), _WIDTH))
