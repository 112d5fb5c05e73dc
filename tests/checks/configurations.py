"""Configurations to check, from a few values."""

from dataclasses import replace
from typing import Any

from app.checks.context import Context
from app.checks.finding import Finding
from app.checks.rules import check
from app.checks.surroundings import about
from app.config.config import Config, defaults, edit
from app.config.derived import derive
from app.data.rows import RowCounts

GB = 2**30

UNKNOWN = RowCounts()


def config_of(values: dict[str, Any]) -> Config:
    """mlx-lm's defaults, trained, on a model and data that are named, with `values` set in order."""
    config = defaults()
    for key, value in {"train": True, "model": "model", "data": "data"}.items():
        config = edit(config, key, value)
    for key, value in values.items():
        config = edit(config, key, value)
    return config


def context_of(
    config: Config, rows: RowCounts = UNKNOWN, total_memory: int | None = None, depth: int | None = None
) -> Context:
    return Context(config, derive(config, rows.train, rows.valid), rows, total_memory, depth)


def fixed(context: Context, finding: Finding) -> Context:
    """The same surroundings, the configuration mended."""
    assert finding.fix is not None
    config = context.config
    for key, value in finding.fix.edits:
        config = edit(config, key, value)
    around = context.surroundings
    if around is not None and around.about != about(config.values):
        around = None  # as in a session, until somebody has looked
    derived = derive(config, context.rows.train, context.rows.valid)
    return replace(context, config=config, derived=derived, surroundings=around)


def found(context: Context) -> dict[str, Finding]:
    """Findings by code, of which each comes once."""
    findings = check(context)
    by_code = {finding.code: finding for finding in findings}
    assert len(by_code) == len(findings), [finding.code for finding in findings]
    return by_code
