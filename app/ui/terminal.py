"""What the terminal can show, as far as its environment tells."""

from collections.abc import Mapping

DARK, LIGHT, ANSI = "textual-dark", "textual-light", "ansi-dark"

_LIGHT_GROUNDS = ("7", "15")
"""White, in COLORFGBG's numbers of the 16 colours, as rxvt, Konsole and iTerm2 set it: foreground;background."""


def fitting_theme(environ: Mapping[str, str]) -> str:
    """The theme for a person who has chosen none: the terminal's own colours where it has but 16."""
    if _has_few_colours(environ):
        return ANSI
    return LIGHT if environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_GROUNDS else DARK


def needs_native_ansi(environ: Mapping[str, str], theme: str) -> bool:
    """NO_COLOR takes colours away from what a theme names; of an ANSI theme black on black would remain."""
    return "NO_COLOR" in environ and theme.startswith("ansi")


def _has_few_colours(environ: Mapping[str, str]) -> bool:
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return False
    term = environ.get("TERM", "")
    return term in ("linux", "ansi", "vt100", "vt220", "xterm", "screen") or term.endswith(("-16color", "-color"))
