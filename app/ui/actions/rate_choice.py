"""Editing the learning-rate schedule with its plot in sight."""

import asyncio
from importlib import import_module
from typing import Any

from app.checks.finding import Fix
from app.config.config import Origin
from app.config.rate_editing import Draft, begin, edits, schedule_of
from app.ui.deck import Deck

SCHEDULE, RATE = "lr_schedule", "learning_rate"


async def schedule(app: Deck) -> None:
    """What is applied is one step of undo."""
    # In a thread: numpy comes with the plot, and keys are answered meanwhile.
    editor = await asyncio.to_thread(import_module, "app.ui.screens.rate_schedule")
    snapshot = app.session.snapshot
    values, is_no_value = snapshot.config.values, SCHEDULE in snapshot.drafts
    run = editor.Run(values["iters"], values["grad_accumulation_steps"], _warning(values, is_no_value))
    draft = begin(values[SCHEDULE], values[RATE], values["iters"] // values["grad_accumulation_steps"])
    chosen: Draft | None = await app.push_screen_wait(editor.RateSchedule(draft, run))
    if chosen is not None:
        is_given = snapshot.config.origins[RATE] is not Origin.DEFAULT
        changes = edits(chosen, values[SCHEDULE], values[RATE], is_given)
        if is_no_value and SCHEDULE not in dict(changes):
            changes = (*changes, (SCHEDULE, schedule_of(chosen)))
        if changes:
            app.session.apply_edits(Fix("learning-rate schedule", changes))
    await app.go_to_field(SCHEDULE)


def _warning(values: Any, is_no_value: bool) -> str:
    """Why the rate that is shown may not be the one that trains."""
    if is_no_value:
        return "What stands in the field is no schedule that mlx-lm builds: Enter puts this one in its place."
    if values["optimizer"] == "adafactor" and values["optimizer_config"].get("adafactor", {}).get(
        "relative_step", True
    ):
        return "adafactor takes relative steps of its own and ignores this rate, unless relative_step is false."
    return ""
