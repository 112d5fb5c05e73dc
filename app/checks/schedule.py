"""What `lr_schedule` does to the rate: how high it goes, and how its length fits the run."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.config.numbers import number_text

RATES = {"cosine_decay": (0, 2), "linear_schedule": (0, 1), "exponential_decay": (0,), "step_decay": (0,)}
"""Which arguments are rates, by schedule (mlx.optimizers.schedulers)."""

DECAY = {"cosine_decay": 1, "linear_schedule": 2}
"""Which argument is the number of updates until the last rate is reached, where there is a last one."""

EARLY, LATE = 0.8, 2.0
"""A decay is out of step when it ends before this share of the run's updates, or takes so many times as many.

Rule of thumb: a fifth of the run at a spent rate is a waste, and a decay over two runs never leaves the upper half.
"""

SPENT = 100
"""A rate so many times below its peak learns next to nothing."""


def peak_rate(values: Mapping[str, Any]) -> float:
    """The highest rate that the values ask for: the schedule's, else `learning_rate`."""
    schedule = values["lr_schedule"]
    return max(_rates(schedule)) if schedule else values["learning_rate"]


def with_peak(schedule: Mapping[str, Any], rate: float) -> dict[str, Any]:
    """The same schedule, its highest rate now `rate` and no other above it."""
    arguments, places = list(schedule["arguments"]), _places(schedule)
    highest = max(places, key=arguments.__getitem__)
    for place in places:
        arguments[place] = rate if place == highest else min(arguments[place], rate)
    return {**schedule, "arguments": arguments}


def warmup_too_long(context: Context) -> Iterator[Finding]:
    schedule, updates = context.values["lr_schedule"], context.derived.updates
    warmup = schedule.get("warmup", 0) if schedule else 0
    if updates and warmup >= updates:
        shorter = updates // 10
        yield Finding(
            "warning",
            "warmup-too-long",
            ("lr_schedule", "iters", "grad_accumulation_steps"),
            f"lr_schedule warms up over {warmup} updates and the run makes {updates}, so the rate never gets to"
            f" {number_text(schedule['arguments'][0])}: set warmup to {shorter}.",
            _COUNTS_UPDATES,
            Fix(f"warmup {shorter}", (("lr_schedule", {**schedule, "warmup": shorter}),)),
        )


def decay_out_of_step(context: Context) -> Iterator[Finding]:
    schedule, updates = context.values["lr_schedule"], context.derived.updates
    if not schedule or schedule["name"] not in DECAY:
        return
    warmup, arguments = schedule.get("warmup", 0), schedule["arguments"]
    place = DECAY[schedule["name"]]
    length, last, peak = arguments[place], _rates(schedule)[-1], max(_rates(schedule))
    fitting = updates - warmup
    if fitting < 1 or last >= peak:
        return
    fix = Fix(
        f"decay over {fitting} updates",
        (("lr_schedule", {**schedule, "arguments": [*arguments[:place], fitting, *arguments[place + 1 :]]}),),
    )
    keys = ("lr_schedule", "iters", "grad_accumulation_steps")
    if warmup + length < EARLY * updates and last * SPENT <= peak:
        yield Finding(
            "warning",
            "decay-too-short",
            keys,
            f"lr_schedule has brought the rate to {number_text(last)} after {warmup + length} of {updates} updates,"
            f" and the rest learns next to nothing: let it decay over {fitting}.",
            _COUNTS_UPDATES,
            fix,
        )
    elif warmup + length > LATE * updates:
        yield Finding(
            "note",
            "decay-too-long",
            keys,
            f"lr_schedule decays over {length} updates and the run makes {updates}, so the rate stays above half"
            f" its peak: let it decay over {fitting}.",
            _COUNTS_UPDATES,
            fix,
        )


_COUNTS_UPDATES = "A schedule counts updates, iters // grad_accumulation_steps, and not iterations."


def _rates(schedule: Mapping[str, Any]) -> list[float]:
    arguments = schedule["arguments"]
    rates = [arguments[place] for place in _places(schedule)]
    return [*rates, 0.0] if schedule["name"] == "cosine_decay" and len(arguments) == 2 else rates


def _places(schedule: Mapping[str, Any]) -> list[int]:
    return [place for place in RATES[schedule["name"]] if place < len(schedule["arguments"])]
