"""How many updates a run makes, and from how many rows each."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix

FEWEST_UPDATES = 10
"""Rule of thumb: Adam's first moment averages over about 1 / (1 - 0.9) = 10 updates, so fewer never settle."""

TRIAL_ITERS = 2 * FEWEST_UPDATES
"""A shorter run is a trial, whatever the accumulation."""

UPDATES_PER_EPOCH = 4
"""Aimed at where one update takes in more rows than there are. Rule of thumb."""

_GROUP = "grad_accumulation_steps"


def no_update(context: Context) -> Iterator[Finding]:
    iters, group = context.values["iters"], context.values[_GROUP]
    if context.derived.updates == 0:
        fewer = _group_for_enough(iters)
        yield Finding(
            "error",
            "no-update",
            ("iters", _GROUP),
            f"iters {iters} is below {_GROUP} {group}, so no update is ever made and the saved adapter is untrained:"
            f" raise iters to at least {group}, or lower {_GROUP} to {fewer}.",
            f"iters counts batches; weights change once in {_GROUP} of them.",
            Fix(f"{_GROUP} {fewer}", ((_GROUP, fewer),)),
        )


def thrown_away(context: Context) -> Iterator[Finding]:
    iters, group, lost = context.values["iters"], context.values[_GROUP], context.derived.thrown_away
    if lost and context.derived.updates:
        yield Finding(
            "note",
            "thrown-away-iterations",
            ("iters", _GROUP),
            f"The last {lost} of {iters} iterations reach no update: make iters a multiple of {group},"
            f" such as {iters - lost}.",
            "mlx-lm throws away the gradients behind the last full group.",
            Fix(f"iters {iters - lost}", (("iters", iters - lost),)),
        )


def effective_batch(context: Context) -> Iterator[Finding]:
    """An effective batch that is large against the rows, or else against the run."""
    derived, rows, batch = context.derived, context.rows.train, context.values["batch_size"]
    iters, group = context.values["iters"], context.values[_GROUP]
    if group == 1 or not derived.updates:
        return
    if rows and batch <= rows < derived.effective_batch:
        fewer = max(1, rows // batch // UPDATES_PER_EPOCH)
        yield Finding(
            "warning",
            "effective-batch-above-rows",
            (_GROUP, "batch_size"),
            f"One update takes in {derived.effective_batch} rows and train.jsonl has {rows}, so each row is averaged"
            f" in more than once before anything is learned: lower {_GROUP} to {fewer}.",
            "effective batch = batch_size × grad_accumulation_steps; one epoch should hold several updates.",
            Fix(f"{_GROUP} {fewer}", ((_GROUP, fewer),)),
        )
    elif derived.updates < FEWEST_UPDATES and iters >= TRIAL_ITERS:
        fewer = _group_for_enough(iters)
        yield Finding(
            "warning",
            "few-updates",
            (_GROUP, "iters"),
            f"The weights change only {derived.updates} times in {iters} iterations: lower {_GROUP} to {fewer},"
            f" or raise iters to {FEWEST_UPDATES * group} or more.",
            "Below some ten updates the optimizer's averages have not settled.",
            Fix(f"{_GROUP} {fewer}", ((_GROUP, fewer),)),
        )


def _group_for_enough(iters: int) -> int:
    return max(1, iters // FEWEST_UPDATES)
