"""Dropout against overfitting, and what it does beside grad_checkpoint."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.footprint import small_memory
from app.config.config import DROPOUT
from app.config.numbers import number_text

REPEATING_EPOCHS = 2.0
"""From the second pass on the model meets rows again, and can learn them by heart."""

RECOMMENDED = 0.1
"""The reference: 0.1 recommended to prevent overfitting."""


def repeated_rows(context: Context) -> Iterator[Finding]:
    """Silent where grad_checkpoint is, or will be asked for: beside it dropout is better left at 0."""
    epochs = context.derived.epochs
    if context.values["grad_checkpoint"] or small_memory(context) or not context.adapter:
        return
    if epochs is not None and epochs >= REPEATING_EPOCHS and context.values[DROPOUT] == 0:
        yield Finding(
            "note",
            "no-dropout",
            (DROPOUT, "iters"),
            f"dropout is 0 and every row is met {epochs:.4g} times, so the model may learn them by heart: set dropout"
            f" to {RECOMMENDED}.",
            "0.1 is recommended against overfitting.",
            Fix(f"dropout {RECOMMENDED}", ((DROPOUT, RECOMMENDED),)),
        )


def masks_differ(context: Context) -> Iterator[Finding]:
    dropout = context.values[DROPOUT]
    if context.adapter and context.values["grad_checkpoint"] and dropout > 0:
        yield Finding(
            "note",
            "masks-differ",
            (DROPOUT, "grad_checkpoint"),
            f"With grad_checkpoint, dropout {number_text(dropout)} draws another mask for the gradients than for the"
            " loss, so an update does not quite follow the loss shown: set dropout to 0, or grad_checkpoint to false"
            " where memory allows.",
            "mlx computes each layer a second time for the backward pass, with new random numbers.",
            Fix("dropout 0", ((DROPOUT, 0.0),)),
        )
