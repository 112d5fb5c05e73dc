"""Findings of a whole file: what opening it has to say, and what the rules say of its values, each with its line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.rules import check
from app.config.claims import claims
from app.config.dialect import Notice, Problem, Resolution
from app.config.document import ConfigError, Document
from app.config.registry import BY_KEY
from app.config.values import parse_value, show_value

LEVELS = ("error", "warning", "note")
"""The worst first."""

MENDED_BY_SAVING = ("flat", "older-name", "incomplete", "disagreement")
"""Codes of notices that are gone once Tunedeck has written the file."""

UNREADABLE, NO_VALUE = "unreadable", "no-value"


def findings_of(resolution: Resolution, context: Context) -> tuple[Finding, ...]:
    """All there is to say of an opened file, the worst first, in the order of its lines."""
    found = [
        *(_of_problem(problem) for problem in resolution.problems),
        *(_of_notice(notice) for notice in resolution.notices),
        *check(context),
    ]
    lines = _lines(resolution.document)
    placed = [_placed(finding, resolution.document.path, lines) for finding in found]
    return tuple(sorted(placed, key=lambda finding: (LEVELS.index(finding.level), finding.line or 0)))


def of_unreadable(error: ConfigError) -> Finding:
    """The one finding of a file that cannot be opened."""
    keys = (error.key,) if error.key else ()
    why = "Neither mlx-lm nor Tunedeck can read it."
    return Finding("error", UNREADABLE, keys, error.message, why, file=str(error.path or ""), line=error.line)


def value_meant(problem: Problem) -> Fix | None:
    """The value that only its quotes or its kind keep from being one; None where that is not the matter."""
    text = problem.text.strip(" '\"")
    if problem.key not in BY_KEY:
        return None
    try:
        value = parse_value(BY_KEY[problem.key], text)
    except ValueError:
        return None
    return Fix(f"{problem.key} {show_value(BY_KEY[problem.key], value)}", ((problem.key, value),))


def _of_problem(problem: Problem) -> Finding:
    why = "mlx-lm fails on it, or takes it for something else."
    message = f"{problem.key}: {problem.message}"
    return Finding("error", NO_VALUE, (problem.key,), message, why, value_meant(problem), line=problem.line)


def _of_notice(notice: Notice) -> Finding:
    fix = Fix("save the file", ()) if notice.code in MENDED_BY_SAVING else None
    return Finding(notice.level, notice.code, (notice.key,), notice.message, "", fix, line=notice.line)


def _placed(finding: Finding, path: Path | None, lines: dict[str, int]) -> Finding:
    """Lines of the data stay as they are; else the first key that stands in the file says where."""
    if finding.file:
        return finding
    line = finding.line or next((lines[key] for key in finding.keys if key in lines), None)
    return replace(finding, file=str(path or ""), line=line)


def _lines(document: Document) -> dict[str, int]:
    """Where each parameter stands, by key: its native entry where there are several."""
    return dict(_places(document))


def _places(document: Document) -> Iterator[tuple[str, int]]:
    for claim in sorted(claims(document)[0], key=lambda claim: -claim.form):
        if claim.line is not None:
            yield claim.key, claim.line
