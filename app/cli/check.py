"""`tunedeck check FILE`: what is wrong with a file, where, and how to mend it."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.checks.context import Context
from app.checks.file_findings import MENDED_BY_SAVING, NO_VALUE, findings_of, of_unreadable, value_meant
from app.checks.finding import Finding
from app.checks.mending import mend
from app.checks.ready import changed, context_at
from app.cli.known_data import with_rows, with_tokens
from app.cli.opening import complain
from app.config.config import Config, Origin, edit
from app.config.dialect import Resolution, resolve
from app.config.document import ConfigError, read
from app.config.registry import BY_KEY
from app.config.saving import CannotEdit, SaveError, render, save
from app.config.values import one_line
from app.machine.memory import system_memory
from app.wire.text import printable

EXIT_CODES = {"error": 2, "warning": 1, "note": 0}


@dataclass(frozen=True)
class _Mended:
    """What `--fix` wrote: the findings whose fixes were applied, and the values that changed."""

    path: Path
    findings: tuple[Finding, ...]
    changes: tuple[tuple[str, Any, Any], ...]
    """Key, value before, value after."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a training configuration in YAML")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--fix", action="store_true", help="apply every fix that there is, and write OUT")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="where --fix writes; FILE stays as it is")
    parser.add_argument("--force", action="store_true", help="overwrite OUT if it exists")
    parser.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="processes that mlx.launch spreads the training over"
    )
    parser.epilog = (
        "Exit status: 0 nothing worse than notes, 1 warnings, 2 errors. With --fix it is that of OUT. Relative paths"
        " begin in the current folder."
    )


def run(args: Namespace) -> int:
    """Exit status: that of the worst finding; 2 also for an OUT that cannot be written."""
    if args.fix != bool(args.output):
        return complain("--fix and -o OUT go together: the one says what to do, the other where to write it.")
    mended = None
    try:
        resolution = resolve(read(args.file))
        start = Path.cwd()
        context = context_at(resolution.config, start, system_memory().total, args.workers)
        context = with_tokens(with_rows(context, start), start)
        if args.fix:
            resolution, context, mended = _fix(resolution, context, args.output, args.force)
        findings = findings_of(resolution, context)
    except ConfigError as error:
        findings = (of_unreadable(error),)
    except (SaveError, CannotEdit) as error:
        return complain(error if isinstance(error, SaveError) else f"{args.file}: {error}")
    if args.json:
        print(json.dumps(_as_json(findings, mended), indent=2, default=str))
    else:
        for line in [*_mended_lines(mended), *map(_line, findings)]:
            print(printable(line))
    return max((EXIT_CODES[finding.level] for finding in findings), default=0)


def _fix(resolution: Resolution, context: Context, target: Path, force: bool) -> tuple[Resolution, Context, _Mended]:
    """Writes OUT, every byte that no fix concerns as it was. Raises SaveError, CannotEdit."""
    if target.exists() and not force:
        raise SaveError(f"{target}: The file exists already; add --force to overwrite it.")
    document, values = resolution.document, resolution.config.values
    told = [finding for finding in findings_of(resolution, context) if finding.fix]
    opening = [finding for finding in told if finding.code == NO_VALUE or finding.code in MENDED_BY_SAVING]
    after, done = mend(changed(context, _with_values_meant(resolution)), changed)
    is_same = document.path is not None and target.exists() and target.samefile(document.path)
    written = save(target, render(document, after.config), document.fingerprint if is_same else None)
    changes = tuple((key, values[key], after.values[key]) for key in BY_KEY if values[key] != after.values[key])
    found = resolve(written)
    return found, changed(after, found.config), _Mended(target, (*opening, *done), changes)


def _with_values_meant(resolution: Resolution) -> Config:
    config = resolution.config
    for problem in resolution.problems:
        if fix := value_meant(problem):
            for key, value in fix.edits:
                config = edit(config, key, value, Origin.TYPED)
    return config


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1")
    return int(text)


def _line(finding: Finding) -> str:
    """As compilers write theirs; what stands on no line of the file is said of its first."""
    return f"{finding.file}:{finding.line or 1}: {finding.level}: {finding.message} [{finding.code}]"


def _mended_lines(mended: _Mended | None) -> list[str]:
    if mended is None:
        return []
    lines = [f"fixed: {finding.fix.label} [{finding.code}]" for finding in mended.findings if finding.fix]
    for key, before, after in mended.changes:
        lines.append(f"  {key}: {one_line(BY_KEY[key], before)} -> {one_line(BY_KEY[key], after)}")
    return [*lines, f"{mended.path}: written."]


def _as_json(findings: tuple[Finding, ...], mended: _Mended | None) -> dict[str, Any]:
    told: dict[str, Any] = {"findings": [_finding_as_json(finding) for finding in findings]}
    if mended is not None:
        told["written"] = str(mended.path)
        told["fixed"] = [_finding_as_json(finding) for finding in mended.findings]
        told["changes"] = [{"key": key, "before": before, "after": after} for key, before, after in mended.changes]
    return told


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    return {
        "code": finding.code,
        "level": finding.level,
        "keys": list(finding.keys),
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "why": finding.why,
        "fix": {"label": fix.label, "edits": [{"key": k, "value": v} for k, v in fix.edits]} if fix else None,
    }
