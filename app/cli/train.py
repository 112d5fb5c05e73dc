"""`tunedeck train FILE`: the same run as in the app, in plain lines."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.checks.ready import context_at
from app.checks.rules import check
from app.cli.following import announce, follow
from app.cli.known_data import with_rows
from app.cli.opening import add_runs_dir, complain
from app.config.config import Config
from app.config.dialect import resolve
from app.config.document import ConfigError, Document, read
from app.machine.memory import system_memory
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError, runs_directory
from app.session.before_start import NO_OBSTACLES
from app.session.training import begin
from app.wire.run_options import options_from
from app.wire.text import printable

UNUSABLE = 2


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--detach", action="store_true", help="start it, print its name and leave")
    parser.add_argument("--json", action="store_true", help="events as JSON, one a line")
    parser.add_argument("--overwrite", action="store_true", help="an adapter that stands in adapter_path may go")
    parser.add_argument(
        "--in-spite-of",
        metavar="CODE[,CODE]",
        default="",
        help="start although these were found, by the codes that the refusal names",
    )
    parser.add_argument(
        "--patience", type=_count, default=0, metavar="N", help="end after N validations without a lower loss"
    )
    parser.add_argument("--keep-last", type=_count, default=0, metavar="N", help="keep the last N numbered checkpoints")
    parser.add_argument("--fixed-validation", action="store_true", help="validate on the same rows each time")
    parser.add_argument("--validate-last", action="store_true", help="validate once more after the last iteration")
    parser.add_argument("--pause-on-memory", action="store_true", help="pause when this computer's memory runs out")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    try:
        document = read(args.file)
    except ConfigError as error:
        return complain(error)
    return _train(document, args)


def _train(document: Document, args: Namespace) -> int:
    """Starts a run of what a file says, and follows it unless told to leave."""
    resolution = resolve(document)
    if resolution.problems:
        problem = resolution.problems[0]
        return complain(ConfigError(problem.message, document.path, problem.line, problem.key))
    start = Path.cwd()
    config = resolution.config
    if not _is_sound(config, start, frozenset(args.in_spite_of.split(","))):
        return UNUSABLE
    if not args.overwrite and config.values["train"]:
        standing = existing_adapter(start / config.values["adapter_path"])
        if standing:
            return complain(f"{standing} (--overwrite allows it)")
    source = document.path.absolute() if document.path else None
    try:
        runs_dir = runs_directory(args.runs_dir)
        folder = begin(config, document.text, source, start, runs_dir, args.overwrite, options=options_from(vars(args)))
    except RunError as error:
        return complain(error)
    for notice in resolution.notices:
        print(printable(f"{notice.level}: {notice.message}"), file=sys.stderr)
    announce(folder, args.json)
    return 0 if args.detach else follow(folder, args.json)


def _count(text: str) -> int:
    """Raises ValueError, which argparse tells."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _is_sound(config: Config, start: Path, in_spite_of: frozenset[str]) -> bool:
    """Tells all that stands in the way, or else the warnings."""
    found = check(with_rows(context_at(config, start, system_memory().total), start))
    found = tuple(one for one in found if one.code not in NO_OBSTACLES)
    errors = [one for one in found if one.level == "error" and one.code not in in_spite_of]
    warnings = [one for one in found if one.level == "warning"]
    for finding in errors or warnings:
        where = f"{finding.key}: " if finding.key else ""
        complain(f"{'' if errors else 'warning: '}{where}{finding.message} [{finding.code}]")
    return not errors
