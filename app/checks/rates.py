"""Whether the learning rate is one that is usual, and the one that counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.schedule import peak_rate, with_peak
from app.config.config import METHOD, Origin
from app.config.numbers import number_text

ADAMS = ("adam", "adamw")
"""The optimizers that the usual rates are for: the reference calls its row Adam learning rate.

sgd and muon take other sizes of step, adafactor its own.
"""


@dataclass(frozen=True)
class Usual:
    """The usual rates, and a decade beyond either end, where most tasks no longer train well."""

    low: float
    high: float
    far_low: float
    far_high: float


ADAPTER = Usual(low=1e-6, high=1e-4, far_low=1e-7, far_high=1e-3)
"""The reference's typical range. Published LoRA runs use up to 5e-4 (Hu et al. 2021, 2106.09685), hence no warning
before a decade beyond."""

FULL = Usual(low=1e-7, high=1e-5, far_low=1e-8, far_high=1e-4)
"""A tenth of LoRA's: the best rate for LoRA is about ten times that for full (Schulman et al. 2025, LoRA Without
Regret)."""

CONSERVATIVE = 1e-5
"""The reference's recommendation and mlx-lm's default; within both ranges."""


def unusual_rate(context: Context) -> Iterator[Finding]:
    values = context.values
    usual = ADAPTER if context.adapter else FULL
    rate = peak_rate(values)
    if values["optimizer"] not in ADAMS or usual.low <= rate <= usual.high:
        return
    high = rate > usual.high
    better = usual.high if high else CONSERVATIVE
    schedule = values["lr_schedule"]
    name = "lr_schedule's highest rate" if schedule else "learning_rate"
    edit = ("lr_schedule", with_peak(schedule, better)) if schedule else ("learning_rate", better)
    yield Finding(
        "note" if usual.far_low <= rate <= usual.far_high else "warning",
        "rate-high" if high else "rate-low",
        (edit[0], METHOD, "optimizer"),
        f"{name} {number_text(rate)} {_consequence(rate, high)}: {'lower' if high else 'raise'} it to"
        f" {number_text(better)}.",
        f"With {values['optimizer']}, {values[METHOD]} usually takes {number_text(usual.low)} to"
        f" {number_text(usual.high)}.",
        Fix(f"rate {number_text(better)}", (edit,)),
    )


def rate_overridden(context: Context) -> Iterator[Finding]:
    values = context.values
    rate, peak = values["learning_rate"], peak_rate(values)
    if values["lr_schedule"] and rate != peak and context.config.origins["learning_rate"] is not Origin.DEFAULT:
        yield Finding(
            "note",
            "rate-overridden",
            ("learning_rate", "lr_schedule"),
            f"lr_schedule decides the rate, so learning_rate {number_text(rate)} is not used: let both say"
            f" {number_text(peak)}, or take lr_schedule out.",
            "mlx-lm builds the rate from lr_schedule alone where there is one.",
            Fix(f"learning_rate {number_text(peak)}", (("learning_rate", peak),)),
        )


def adafactor_rate(context: Context) -> Iterator[Finding]:
    """Adafactor takes relative steps of its own; and unless told not to, multiplies any rate by the weights' size."""
    values = context.values
    settings = values["optimizer_config"].get("adafactor", {})
    asked = values["lr_schedule"] or context.config.origins["learning_rate"] is not Origin.DEFAULT
    if values["optimizer"] != "adafactor" or not asked or not settings.get("relative_step", True):
        return
    name = "lr_schedule" if values["lr_schedule"] else "learning_rate"
    counting = {**settings, "relative_step": False, "scale_parameter": False}
    yield Finding(
        "warning",
        "adafactor-own-rate",
        ("optimizer_config", "optimizer", name),
        f"adafactor chooses its own rate and ignores {name}: give it relative_step: false and scale_parameter: false"
        " in optimizer_config, or use adamw.",
        "mlx's Adafactor has relative_step and scale_parameter on unless they are set.",
        Fix(f"let {name} count", (("optimizer_config", {**values["optimizer_config"], "adafactor": counting}),)),
    )


def _consequence(rate: float, high: bool) -> str:
    if high:
        return "is above the usual, so training may diverge or forget what the model knows"
    return "is so low that the weights hardly move" if rate > 0 else "is not above 0, so the loss does not fall"
