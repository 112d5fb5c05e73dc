"""Text from files, models and logs, made safe to print on a terminal."""

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 but tab, DEL and C1 controls; bidirectional marks, which reorder what is read; lone surrogates."""


def printable(text: str) -> str:
    """One line of text whose control characters show as escapes, such as `\\x1b`, and do nothing."""
    return _UNSAFE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def pictured(text: str) -> str:
    """The same for a text under a cursor, which keeps its length: `\x1b` shows as `␛`."""
    return _UNSAFE.sub(lambda match: _picture(ord(match.group())), text)


def _picture(code: int) -> str:
    """Unicode's control pictures stand in the order of the controls; those without one share a sign."""
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "␦"
