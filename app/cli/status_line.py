"""What goes on, on one line of a terminal's stderr; nothing where stderr is no terminal."""

import sys

from app.wire.text import printable


def say(words: str) -> None:
    """In place of what was said before; empty wipes the line."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{printable(words)}", end="", file=sys.stderr, flush=True)
