"""A row as the model will see it, in plain words: the same on the screen and in lines."""

from app.data.row_view import RowView, Token
from app.wire.text import printable

GIVEN, MASKED, TRAINED, CUT = "given", "masked", "trained", "cut"
"""What becomes of a token: no loss is counted on it and it is no masked prompt, as the first of a row; it is a
masked prompt; it is learned; it lies beyond max_seq_length."""


def row_headline(name: str, view: RowView) -> str:
    """Its place and what becomes of its tokens; one line, safe to print."""
    shown = len(view.tokens)
    words = [f"{view.length:,} tokens", f"{view.trained:,} trained"]
    words += [f"{view.prompt:,} masked"] if view.prompt else []
    cut = sum(token.is_cut for token in view.tokens)
    words += [f"{cut:,} cut"] if cut else []
    words += [f"the first {shown:,} shown"] if shown < view.length else []
    return printable(f"{name}:{view.line}: {', '.join(words)}")


def fate(token: Token, view: RowView) -> str:
    """One of the four above."""
    if token.is_cut:
        return CUT
    if token.is_trained:
        return TRAINED
    return MASKED if view.prompt > 1 else GIVEN


def token_words(token: Token) -> str:
    """Brackets in the text itself are escaped, so that it cannot pretend to hold a special token. Untrusted still."""
    text = token.text.replace("⟦", "\\u27e6").replace("⟧", "\\u27e7")
    return f"⟦{text}⟧" if token.is_special else text
