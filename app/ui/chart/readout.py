"""The lines of text around a chart: what its marks mean, and the figures at one iteration."""

import math
from dataclasses import dataclass

import numpy as np

from app.ui.chart.canvas import Picture, Role
from app.ui.chart.curves import Curves

Text = list[tuple[str, int]]
GAP = "  "


@dataclass(frozen=True)
class Entry:
    """A piece of a line, in full and in short; where room is short, the most `spare` one goes first."""

    full: str
    short: str
    role: int
    spare: int


def loss_text(loss: float) -> str:
    """Three decimals as mlx-lm prints, four digits where these say little; `NaN` and `inf` in words."""
    if not math.isfinite(loss):
        return "NaN" if math.isnan(loss) else f"{loss:+}".replace("+", "")
    return f"{loss:.3f}" if 0.01 <= abs(loss) < 1000 or loss == 0 else f"{loss:.4g}"


def legend(curves: Curves, picture: Picture, log: bool, width: int) -> Text:
    """What every mark in the picture means, with the best validation loss and the number of failed steps."""
    entries = [Entry("loss, log scale", "log", Role.AXIS, 4) if log else Entry("loss", "loss", Role.AXIS, 6)]
    if len(curves.steps):
        entries.append(Entry("⣧⣷ every step", "⣷ step", Role.STEPS, 3))
        entries.append(Entry("⠶⠶ smoothed", "⠶ smooth", Role.SMOOTHED, 1))
    if len(curves.reports):
        entries.append(Entry("⠒⠒ report mean", "⠒ report", Role.REPORTS, 5))
    if len(curves.validations):
        entries.append(Entry("●⠒ validation", "● valid", Role.VALIDATION, 2))
    if best := curves.validations.lowest():
        value = loss_text(best[1])
        entries.append(Entry(f"★ best {value} at {best[0]:.0f}", f"★ {value}", Role.BEST, 0))
    if bad := curves.steps.bad + curves.validations.bad:
        entries.append(Entry(f"✗ {bad} not a number", f"✗ {bad}", Role.BAD, 0))
    if picture.cut is not None:
        entries.append(Entry(f"▲ up to {picture.cut:.4g}", f"▲ {picture.cut:.3g}", Role.CUT, 3))
    return fitted(entries, width)


def readout(curves: Curves, at: float, iters: int, pinned: bool, width: int) -> Text:
    """The figures at an iteration: its own loss, and the smoothed, reported and validation loss there."""
    step, smoothed = curves.steps.nearest(at), curves.smoothed.nearest(at)
    iteration = step[0] if step else at
    report = float(curves.reports.held(np.array([iteration]))[0])
    validation = curves.validations.nearest(iteration)
    where = f"{iteration:.0f} of {iters}" if iters else f"{iteration:.0f}"
    entries = [
        Entry("at the cursor" if pinned else "latest", "┃" if pinned else "▸", Role.AXIS, 5),
        Entry(f"iteration {where}", where.replace(" of ", "/"), Role.READOUT, 1),
    ]
    if step:
        loss = loss_text(step[1])
        entries.append(
            Entry(f"loss {loss}", f"loss {loss}", Role.BAD if not math.isfinite(step[1]) else Role.READOUT, 0)
        )
    if smoothed:
        value = loss_text(smoothed[1])
        entries.append(Entry(f"smoothed {value}", f"⠶ {value}", Role.SMOOTHED, 2))
    if math.isfinite(report):
        entries.append(Entry(f"report {loss_text(report)}", f"⠒ {loss_text(report)}", Role.REPORTS, 4))
    if validation:
        value = loss_text(validation[1])
        entries.append(Entry(f"validation {value} at {validation[0]:.0f}", f"● {value}", Role.VALIDATION, 3))
    return fitted(entries, width)


def fitted(entries: list[Entry], width: int) -> Text:
    """As many entries as fit, the least spare first, and of these as many in full as fit."""
    kept = list(entries)
    while kept and _length([entry.short for entry in kept]) > width:
        kept.remove(max(kept, key=lambda entry: entry.spare))
    texts = [entry.short for entry in kept]
    for index in sorted(range(len(kept)), key=lambda index: kept[index].spare):
        longer = [*texts[:index], kept[index].full, *texts[index + 1 :]]
        if _length(longer) <= width:
            texts = longer
    spaced = [((text, entry.role), (GAP, Role.BLANK)) for text, entry in zip(texts, kept, strict=True)]
    return [piece for pair in spaced for piece in pair][:-1]


def _length(texts: list[str]) -> int:
    return len(GAP.join(texts))
