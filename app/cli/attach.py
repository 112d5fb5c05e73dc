"""`tunedeck attach [RUN]`: watch a run, in the app or in plain lines."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.following import follow
from app.cli.opening import add_runs_dir, complain, has_terminal
from app.runs.folder import RunError, manifest, runs_directory
from app.runs.listing import find_run
from app.wire.run_folder import RunFolder


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run's name or its beginning; the latest if left out")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    runs_dir = runs_directory(args.runs_dir)
    try:
        folder = find_run(runs_dir, args.run)
    except RunError as error:
        return complain(error)
    if not has_terminal():
        return follow(folder, as_json=False)
    return args.open_app(_its_file(folder), runs_dir, folder)


def _its_file(folder: RunFolder) -> Path | None:
    """The file that the run was started from, else the copy that it keeps."""
    try:
        source = manifest(folder).get("source")
    except RunError:
        source = None
    candidates = [Path(source)] if source else []
    return next((path for path in [*candidates, folder.config] if path.is_file()), None)
