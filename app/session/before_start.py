"""What is wrong with a configuration at the moment when it is to train."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.checks.finding import Finding
from app.checks.ready import context_at
from app.checks.rules import check
from app.data.dataset import DatasetFacts
from app.data.lengths import Lengths
from app.machine.state import usable_memory
from app.session.snapshot import Snapshot

NO_OBSTACLES = ("other-adapter-stands", "name-as-markup", "name-as-pattern")
"""Whoever starts is asked whether an adapter that stands there may go; and names at which plain mlx-lm fails are taken
as they are here."""


def findings_at_start(snapshot: Snapshot, start: Path) -> tuple[Finding, ...]:
    """Errors and warnings, the errors first. Looks at the disk, and takes of the data what is known by now."""
    context = context_at(snapshot.config, start, usable_memory(snapshot.machine) if snapshot.machine else None)
    context = replace(
        context,
        dataset=snapshot.dataset if isinstance(snapshot.dataset, DatasetFacts) else None,
        lengths=snapshot.lengths if isinstance(snapshot.lengths, Lengths) else None,
    )
    found = [finding for finding in check(context) if finding.code not in NO_OBSTACLES]
    return (*of_level(found, "error"), *of_level(found, "warning"))


def of_level(findings: Sequence[Finding], level: str) -> list[Finding]:
    return [finding for finding in findings if finding.level == level]
