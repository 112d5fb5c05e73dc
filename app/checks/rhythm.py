"""How often a run reports, validates and saves, against its length."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix

TRIAL_ITERS = 100
"""A run up to so long is a trial, not worth a checkpoint: twice the reference's 50 iterations between validations."""

FEWEST_VALIDATIONS = 5
"""Rule of thumb: fewer points do not show where the validation loss turns up again."""

EVAL_EVERY, REPORT_EVERY, SAVE_EVERY = 50, 50, 500
"""The reference: 50 recommended to catch overfitting early, 50 a good balance, 500 reasonable."""

MOST_VALIDATIONS = 20
"""A long run needs no more than about so many, each of which costs val_batches forward passes."""

MOST_TIMES = 4
"""So many times the batches that were asked for are still worth a steadier loss. Rule of thumb."""


def rare_validation(context: Context) -> Iterator[Finding]:
    """Nothing is said without validation rows: then mlx-lm trains without validation."""
    iters, every = context.values["iters"], context.values["steps_per_eval"]
    validations = context.derived.evaluations
    if iters <= TRIAL_ITERS or not 0 < validations < FEWEST_VALIDATIONS:
        return
    never = every >= iters
    often = min(max(EVAL_EVERY, _round(iters // MOST_VALIDATIONS)), _round(iters // FEWEST_VALIDATIONS))
    edits = [("steps_per_eval", often)]
    if context.values["steps_per_report"] > often:
        edits.append(("steps_per_report", often))
    seen = "only at the first and the last iteration" if never else f"only {validations} times"
    yield Finding(
        "warning" if never else "note",
        "rare-validation",
        ("steps_per_eval", "iters"),
        f"With steps_per_eval {every} the validation loss is measured {seen}, so overfitting on the way is not seen:"
        f" set it to {often}.",
        "50 is recommended to catch overfitting early.",
        Fix(f"validate every {often}", tuple(edits)),
    )


def reported_once(context: Context) -> Iterator[Finding]:
    iters, every = context.values["iters"], context.values["steps_per_report"]
    if every > iters:
        often = min(REPORT_EVERY, _round(iters // 10))
        yield Finding(
            "note",
            "reported-once",
            ("steps_per_report", "iters"),
            f"steps_per_report {every} is more than iters {iters}, so the training loss is reported once, at the end:"
            f" set it to {often}.",
            "mlx-lm reports every steps_per_report iterations and at the last one.",
            Fix(f"report every {often}", (("steps_per_report", often),)),
        )


def saved_once(context: Context) -> Iterator[Finding]:
    iters, every = context.values["iters"], context.values["save_every"]
    if every >= iters > TRIAL_ITERS:
        often = min(SAVE_EVERY, _round(iters // 2))
        yield Finding(
            "note",
            "saved-once",
            ("save_every", "iters"),
            f"save_every {every} leaves no checkpoint before the last of {iters} iterations, so a run that breaks off"
            f" loses everything: set it to {often}.",
            "Only the final adapter is saved beside the numbered checkpoints.",
            Fix(f"save every {often}", (("save_every", often),)),
        )


def validated_more_often(context: Context) -> Iterator[Finding]:
    every, reports = context.values["steps_per_eval"], context.values["steps_per_report"]
    if every < reports <= context.values["iters"] and context.derived.evaluations:
        yield Finding(
            "note",
            "validated-more-often",
            ("steps_per_report", "steps_per_eval"),
            f"The validation loss is measured every {every} iterations and the training loss reported every {reports},"
            f" so some validations have no training loss beside them: set steps_per_report to {every}.",
            "A report costs nothing, and a validation val_batches forward passes.",
            Fix(f"report every {every}", (("steps_per_report", every),)),
        )


def validated_on_a_sample(context: Context) -> Iterator[Finding]:
    """Where all of it would be a few times as much at most, the whole set is offered."""
    values, rows = context.values, context.rows.valid
    wanted, available = values["val_batches"], (rows or 0) // values["batch_size"]
    if not 0 < wanted < available or context.derived.evaluations < FEWEST_VALIDATIONS:
        return
    all_of_it = Fix("val_batches -1", (("val_batches", -1),)) if available <= MOST_TIMES * wanted else None
    yield Finding(
        "note",
        "validated-on-a-sample",
        ("val_batches",),
        f"Each validation takes another {wanted} of the {available} batches by chance, so its losses differ by more"
        " than what was learned: set val_batches to -1 for all of them.",
        "mlx-lm draws them anew each time, from the numbers that also order the training rows, and validates before the"
        " step, so never the final weights.",
        all_of_it,
    )


def _round(number: int) -> int:
    """The largest of 1, 2, 5, 10, 20, 50, ... that is not above `number`; 1 for less."""
    power = 10 ** (len(str(max(number, 1))) - 1)
    return max((step * power for step in (1, 2, 5) if step * power <= number), default=1)
