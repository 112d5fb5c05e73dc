"""`tunedeck attach [RUN]`: watch a run, in the app or in plain lines."""

from argparse import ArgumentParser, Namespace

from app.cli.following import follow
from app.cli.opening import add_runs_dir, complain, has_terminal
from app.runs.folder import RunError, file_of, runs_directory
from app.runs.listing import find_run
from app.runs.queue import is_queued


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
        if is_queued(folder):
            return complain(f"{folder.id} is queued and has not begun; `tunedeck queue` says what it waits for.")
        return follow(folder, as_json=False)
    return args.open_app(file_of(folder), runs_dir, folder)
