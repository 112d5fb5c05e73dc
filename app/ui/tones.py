"""A theme's colours for text, made readable on every ground that text stands on here.

Some stand at 2:1 there (`$foreground` on `$panel` in Solarized, `$text-muted` in most). Each is moved towards
white or black only as far as its contrast demands, and keeps its name, so that Textual's own widgets follow, too.
"""

from collections.abc import Mapping

from textual.color import Color

READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3: the contrast of text of normal size."""
ROUNDING = 0.1
"""Some more than that, for what is lost where colours are rounded to bytes."""

GROUNDS = ("background", "surface", "panel")
MEANINGS = {
    "foreground": "foreground",
    "text": "foreground",
    "text-primary": "primary",
    "text-error": "error",
    "text-warning": "warning",
    "text-success": "success",
    "text-accent": "accent",
}
"""Colours of text, and the theme's colour that each is made from."""
ON_THEIR_OWN = {"block-cursor-foreground": "block-cursor-background", "footer-foreground": "footer-background"}
"""Colours of text that have a ground of their own."""
QUIET = 0.35
"""How far muted text goes from the foreground to the ground, where that leaves it readable."""

_ANSI = {
    "text-error": "ansi_bright_red",
    "text-warning": "ansi_bright_yellow",
    "text-success": "ansi_bright_green",
    "text-accent": "ansi_bright_cyan",
    "text-muted": "ansi_default",
}
"""The terminal's own colours have no known contrast: the bright ones are made to be read, grey often is not."""


def readable_tones(variables: Mapping[str, str], is_ansi: bool, is_dark: bool) -> dict[str, str]:
    """The theme variables of `variables` that have to change, by name."""
    if is_ansi:
        return _ANSI if is_dark else {name: tone.replace("bright_", "") for name, tone in _ANSI.items()}
    grounds = [Color.parse(variables[name]) for name in GROUNDS]
    made = {name: readable(Color.parse(variables[source]), grounds) for name, source in MEANINGS.items()}
    made["text-muted"] = readable(made["foreground"].blend(grounds[0], QUIET), grounds)
    for name, ground in ON_THEIR_OWN.items():
        own = Color.parse(variables[ground])
        named = variables["foreground"] if variables[name].startswith("auto") else variables[name]
        made[name] = readable(_opaque(Color.parse(named), own), [own])
    return {name: tone.hex6 for name, tone in made.items()}


def readable(colour: Color, grounds: list[Color]) -> Color:
    """The nearest to `colour` on its way to white or black that is readable on all grounds; else the best there is."""
    ways = [colour.blend(end, step / 20) for step in range(21) for end in (Color(255, 255, 255), Color(0, 0, 0))]
    worst = {way: min(contrast(way, ground) for ground in grounds) for way in ways}
    enough = (way for way in ways if worst[way] >= READABLE + ROUNDING)
    return next(enough, max(ways, key=lambda way: worst[way]))


def contrast(one: Color, other: Color) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _opaque(colour: Color, ground: Color) -> Color:
    return ground.blend(colour, colour.a, alpha=1.0) if colour.a < 1 else colour


def _luminance(colour: Color) -> float:
    """WCAG's relative luminance of an opaque colour."""
    red, green, blue = (_linear(channel / 255) for channel in (colour.r, colour.g, colour.b))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
