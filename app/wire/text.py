"""Text from files, models and logs, made safe to print on a terminal."""

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 but tab, DEL and C1 controls; bidirectional marks, which reorder what is read; lone surrogates."""


def printable(text: str) -> str:
    """One line of text whose control characters show as escapes, such as `\\x1b`, and do nothing."""
    return _UNSAFE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)
