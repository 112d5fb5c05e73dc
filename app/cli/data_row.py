"""A row as the model will see it, in lines: what it is given, what it is trained on, what is cut off."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from app.data.row_view import RowView, Token
from app.wire.text import printable

_WIDTH = 66
"""Letters of text in a line, beside the margin."""


def row_lines(name: str, view: RowView) -> Iterator[str]:
    """Ready to print: what is untrusted in it is escaped."""
    shown = len(view.tokens)
    words = [f"{view.length:,} tokens", f"{view.trained:,} trained"]
    words += [f"{view.prompt:,} masked"] if view.prompt else []
    cut = sum(token.is_cut for token in view.tokens)
    words += [f"{cut:,} cut"] if cut else []
    words += [f"the first {shown:,} shown"] if shown < view.length else []
    yield printable(f"{name}:{view.line}: {', '.join(words)}; special tokens in ⟦ ⟧")
    for state, tokens in groupby(view.tokens, lambda token: _state(token, view)):
        text = "".join(_told(token) for token in tokens)
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


def _state(token: Token, view: RowView) -> str:
    if token.is_cut:
        return "cut"
    if token.is_trained:
        return "trained"
    return "masked" if view.prompt > 1 else "given"


def _told(token: Token) -> str:
    """Brackets in the text itself are escaped, so that it cannot pretend to hold a special token."""
    text = token.text.replace("⟦", "\\u27e6").replace("⟧", "\\u27e7")
    return f"⟦{text}⟧" if token.is_special else text


def _wrapped(text: str) -> Iterator[str]:
    """Line ends are shown, and end a line."""
    parts = text.split("\n")
    for number, part in enumerate(parts):
        line = printable(part) + ("\\n" if number < len(parts) - 1 else "")
        if line or len(parts) == 1:
            yield from (line[at : at + _WIDTH] for at in range(0, max(1, len(line)), _WIDTH))
