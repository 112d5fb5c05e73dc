"""Whatever the app writes can be read in every theme: measured on what is drawn, not on what styles promise.

The ratio is that of WCAG 2.2 (1.4.3 and 1.4.11): 4.5 for text, 3 for a mark that carries meaning.
"""

from collections.abc import Iterator

import pytest
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.geometry import Region
from textual.theme import BUILTIN_THEMES

from app.ui.app import TunedeckApp
from app.ui.screens.go import Go
from tests.ui.scenes import SCENES

SIZE = (120, 36)
TEXT, MARK = 4.5, 3.0
SEEN = (
    "start-complains", "structure", "edits-and-errors", "list-of-places", "presets", "data", "row", "yaml", "values",
    "train", "runs", "find", "models", "save", "jump", "palette", "complaint", "toasts",
)  # fmt: skip
"""Scenes that between them have every style of the app."""

ORNAMENTS = frozenset("│─╭╮╰╯┈└┬┴┤┌┐▔▁▂▃▄▅▆▇█▌▐▊▎▏▕▖▗▘▝▀🔎 ")
"""Frames, rules, scroll bars and the chart's grid: nothing is lost with them."""
REDUNDANT = frozenset("━─")
"""Bars, which stand beside their figures."""

NAMES = (
    "background", "surface", "panel", "boost", "foreground", "text-muted", "text-error", "text-warning", "text-success",
    "text-accent", "text-primary", "block-cursor-background", "block-cursor-foreground", "text-disabled", "text",
)  # fmt: skip
"""What the styles call colours, for the words of a failure."""


USUAL = ("textual-dark", "textual-light", "ansi-dark", "solarized-light")
"""What the app chooses by itself, and the theme whose colours are nearest to each other."""


FEW = ("start-complains", "edits-and-errors", "presets", "data", "train", "find", "palette")
"""Where time is short: the places, a list and a dialog."""


def _cases() -> list:
    every = [pytest.param(name, tuple(BUILTIN_THEMES), id=f"{name}-every", marks=pytest.mark.slow) for name in SEEN]
    return [pytest.param(name, USUAL, id=name) for name in FEW] + every


@pytest.mark.parametrize(("name", "themes"), _cases())
async def test_all_that_is_written_can_be_read(still, name, themes):
    """Of the terminal's own colours only the names are known: there, nothing may stand in the colour of its ground."""
    app = SCENES[name].make(still)
    faint: dict[tuple[str, str, str], str] = {}
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await SCENES[name].play(pilot)
        for theme in themes:
            app.theme, each = theme, BUILTIN_THEMES[theme]
            await pilot.pause()
            for text, style in _written(app):
                words = "".join(set(text) - ORNAMENTS - REDUNDANT)
                if words and each.ansi:
                    assert style.color != style.bgcolor or style.color is None or style.color.is_default, (theme, text)
                elif words and (ratio := _ratio(style)) < (TEXT if any(map(str.isalnum, words)) else MARK):
                    key = (theme, *(_named(app, colour) for colour in _colours(style)))
                    faint.setdefault(key, f"{ratio:.2f} for {text.strip()!r}")
    if faint:
        pytest.fail("\n".join(f"{' '.join(key)}: {words}" for key, words in faint.items()), pytrace=False)


def _written(app: TunedeckApp) -> Iterator[tuple[str, Style]]:
    """Every stretch of one style that is not behind an open question, which is faint on purpose."""
    in_front = _in_front(app)
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            if any(area.contains(x, y) for area in in_front) and segment.style is not None:
                yield segment.text, segment.style
            x += segment.cell_length


def _in_front(app: TunedeckApp) -> list[Region]:
    if not app.screen.is_modal or isinstance(app.screen, Go):
        return [app.screen.region]
    return [widget.region for widget in app.screen.query("*") if widget.id != "textual-toastrack"]


def _colours(style: Style) -> tuple[Color, Color]:
    assert style.color is not None and style.bgcolor is not None, "a colour of the terminal's own"
    ink, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
    return (ground, ink) if style.reverse else (ink, ground)


def _ratio(style: Style) -> float:
    fainter, brighter = sorted(map(_luminance, _colours(style)))
    return (brighter + 0.05) / (fainter + 0.05)


def _luminance(color: Color) -> float:
    """Relative luminance of sRGB: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _named(app: TunedeckApp, color: Color) -> str:
    variables = app.get_css_variables()
    named = [name for name in NAMES if name in variables and _is(variables[name], color)]
    return "/".join(f"${name}" for name in named) or color.hex


def _is(value: str, color: Color) -> bool:
    try:
        return Color.parse(value).hex == color.hex
    except ColorParseError:
        return False
