"""How strongly the adapter acts: scale, which is alpha / rank, also against the rate."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.rates import ADAMS
from app.checks.schedule import peak_rate
from app.config.config import ALPHA, RANK, SCALE
from app.config.numbers import number_text, tidy

STRONG_SCALE = 4.0
"""Twice the upper end of what is usual, alpha = 2 × rank. The LoRA paper's largest is 8 (GPT-2: alpha 32, rank 4)."""

STRONGEST = 2e-4
"""Scale × rate at the upper end of both in the reference: 2 and 1e-4. mlx-lm's own defaults, 20 and 1e-5, come to the
same, as Adam's steps do not depend on the size of gradients: what a step adds to the output grows with both alike."""


def strong_scale(context: Context) -> Iterator[Finding]:
    values = context.values
    scale, rate = values[SCALE], peak_rate(values)
    if not context.adapter or abs(scale) <= STRONG_SCALE:
        return
    too_strong = values["optimizer"] in ADAMS and tidy(abs(scale) * rate) > STRONGEST
    acts = f" and with a rate of {number_text(rate)} goes past what is usual" if too_strong else ""
    yield Finding(
        "warning" if too_strong else "note",
        "scale-strong",
        _keys(context),
        f"scale {number_text(scale)} (alpha {number_text(values[ALPHA])} / rank {values[RANK]}) makes the adapter act"
        f" strongly{acts}, so the model may forget: set alpha to the rank, {values[RANK]}, or to twice that.",
        "alpha is usually rank or twice the rank, scale 1 to 2; mlx-lm's default of 20 goes with its low rate of 1e-5.",
        _fix(context),
    )


def no_scale(context: Context) -> Iterator[Finding]:
    if context.adapter and context.values[SCALE] == 0:
        yield Finding(
            "warning",
            "scale-zero",
            _keys(context),
            "scale 0 multiplies the adapter and its gradients by 0, so nothing is learned: set alpha to the rank,"
            f" {context.values[RANK]}.",
            "scale = alpha / rank multiplies what the adapter adds.",
            _fix(context),
        )


def _keys(context: Context) -> tuple[str, ...]:
    return (ALPHA, SCALE, RANK) if context.config.alpha is not None else (SCALE, ALPHA, RANK)


def _fix(context: Context) -> Fix:
    """alpha = rank, by way of whichever of alpha and scale the configuration holds on to."""
    rank = context.values[RANK]
    edit = (ALPHA, rank) if context.config.alpha is not None else (SCALE, 1.0)
    return Fix(f"alpha {rank} (scale 1)", (edit,))
