"""`tunedeck stop RUN`."""

from argparse import ArgumentParser, Namespace

from app.cli.opening import add_runs_dir, complain
from app.runs.folder import RunError, runs_directory
from app.runs.listing import find_run
from app.runs.stop import request_stop


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's name or its beginning")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    try:
        folder = find_run(runs_directory(args.runs_dir), args.run)
        stopping = request_stop(folder)
    except RunError as error:
        return complain(error)
    except OSError as error:
        return complain(f"{error.filename}: the request to stop cannot be written: {error.strerror}.")
    print(f"{folder.id} stops at its next micro-batch." if stopping else f"{folder.id} had ended already.")
    return 0
