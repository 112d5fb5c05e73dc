"""Everything that is known around a configuration, looked up on the spot: for a start, or without a screen.

These functions look at the disk; call them off the event loop.
"""

from dataclasses import replace
from pathlib import Path

from app.checks.context import Context
from app.checks.surroundings import about, look_around
from app.config.config import Config, native
from app.config.derived import derive
from app.data.rows import RowCounts, count_rows
from app.models.adapters import trained_sizes
from app.models.cache import find_model
from app.models.facts import ModelError


def context_at(config: Config, start: Path, total_memory: int | None = None, workers: int = 1) -> Context:
    """`config` with what stands on this computer. The hub is not asked; the dataset is counted, not read."""
    values = config.values
    rows = RowCounts() if values["hf_dataset"] else count_rows(start / str(values["data"])) or RowCounts()
    model, problem = None, ""
    try:
        model = find_model(str(values["model"]), start)
    except ModelError as error:
        problem = str(error)
    context = Context(
        config=config,
        derived=derive(config, rows.train, rows.valid),
        rows=rows,
        total_memory=total_memory,
        depth=model.layers if model else None,
        model=model,
        model_problem=problem,
        surroundings=look_around(values, start),
        workers=workers,
    )
    return replace(context, sizes=_sizes(context))


def changed(context: Context, config: Config) -> Context:
    """The same surroundings under another configuration, looked at anew where it names other places."""
    assert context.surroundings is not None
    if about(config.values) != context.surroundings.about:
        return context_at(config, context.surroundings.start, context.total_memory, context.workers)
    rows = context.rows
    context = replace(context, config=config, derived=derive(config, rows.train, rows.valid))
    return replace(context, sizes=_sizes(context))


def _sizes(context: Context):
    return trained_sizes(context.model, native(context.config)) if context.model else None
