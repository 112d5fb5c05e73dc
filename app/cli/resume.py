"""`tunedeck resume RUN`: the same run goes on, exactly where its state was saved."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.following import announce, follow, tell_of_another
from app.cli.opening import add_runs_dir, complain
from app.config.config import native
from app.config.dialect import resolve
from app.config.document import ConfigError, Document, read
from app.runs import wording
from app.runs.folder import RunError, runs_directory
from app.runs.listing import find_run
from app.runs.resume import later_adapter, plan, resume
from app.wire.text import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help="a run's name or its beginning; the newest when left out")
    parser.add_argument(
        "--from",
        dest="since",
        type=int,
        metavar="ITERATION",
        help="go back to what was saved at or before this iteration; later iterations are trained again",
    )
    parser.add_argument("--with", dest="file", type=Path, metavar="FILE", help="go on with this file's values")
    parser.add_argument("--detach", action="store_true", help="let it go on, print its name and leave")
    parser.add_argument("--json", action="store_true", help="events as JSON, one a line")
    parser.add_argument("--overwrite", action="store_true", help="an adapter that another run left there since may go")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    try:
        document = read(args.file) if args.file else None
        runs_dir = runs_directory(args.runs_dir)
        folder = find_run(runs_dir, args.run)
        resumption = plan(folder, args.since, _config(document) if document else None)
        if resumption.obstacle:
            return complain(resumption.obstacle + ("" if document else " (--with FILE gives it)"))
        if not args.overwrite and (words := later_adapter(resumption)):
            return complain(f"{words} (--overwrite allows it)")
        for line in wording.resumption(resumption):
            print(printable(line), file=sys.stderr)
        tell_of_another(runs_dir)
        resume(resumption, document.text.encode() if document else None, args.overwrite)
    except (ConfigError, RunError) as error:
        return complain(error)
    announce(folder, args.json)
    return 0 if args.detach else follow(folder, args.json)


def _config(document: Document) -> dict:
    resolution = resolve(document)
    if resolution.problems:
        problem = resolution.problems[0]
        raise ConfigError(problem.message, document.path, problem.line, problem.key)
    return native(resolution.config)
