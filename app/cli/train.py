"""`tunedeck train FILE`: the same run as in the app, in plain lines."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.following import announce, follow, tell_of_another
from app.cli.opening import add_runs_dir, complain
from app.cli.readiness import add_permissions, add_run_options, when_ready
from app.config.document import ConfigError, Document, read
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError, runs_directory
from app.session.training import begin
from app.wire.run_options import options_from
from app.wire.text import printable

UNUSABLE = 2


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--detach", action="store_true", help="start it, print its name and leave")
    parser.add_argument("--json", action="store_true", help="events as JSON, one a line")
    add_permissions(parser)
    add_run_options(parser)
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    try:
        document = read(args.file)
    except ConfigError as error:
        return complain(error)
    return _train(document, args)


def _train(document: Document, args: Namespace) -> int:
    """Starts a run of what a file says, and follows it unless told to leave."""
    start = Path.cwd()
    resolution = when_ready(document, start, args.overwrite, frozenset(args.in_spite_of.split(",")), existing_adapter)
    if resolution is None:
        return UNUSABLE
    config, options = resolution.config, options_from(vars(args))
    source = document.path.absolute() if document.path else None
    try:
        runs_dir = runs_directory(args.runs_dir)
        tell_of_another(runs_dir)
        folder = begin(config, document.text, source, start, runs_dir, args.overwrite, options=options)
    except RunError as error:
        return complain(error)
    for notice in resolution.notices:
        print(printable(f"{notice.level}: {notice.message}"), file=sys.stderr)
    announce(folder, args.json)
    return 0 if args.detach else follow(folder, args.json)
