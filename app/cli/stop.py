"""`tunedeck stop RUN`."""

from argparse import ArgumentParser, Namespace

from app.cli.opening import add_runs_dir, complain
from app.runs.folder import RunError, runs_directory
from app.runs.listing import find_run
from app.runs.stop import STOP, end_at_once, request_stop


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's name or its beginning")
    parser.add_argument(
        "--now", action="store_true", help="end it at once; what came after its last checkpoint is lost"
    )
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    if args.now:
        return ask_to_end(args, None, "was ended at once.")
    return ask_to_end(args, STOP, "stops at its next micro-batch.")


def ask_to_end(args: Namespace, kind: str | None, words: str) -> int:
    """`kind` is a way to end that saves; None ends at once."""
    try:
        folder = find_run(runs_directory(args.runs_dir), args.run)
        ends = end_at_once(folder) if kind is None else request_stop(folder, kind)
    except RunError as error:
        return complain(error)
    except OSError as error:
        return complain(f"{error.filename}: the request cannot be written: {error.strerror}.")
    print(f"{folder.id} {words}" if ends else f"{folder.id} had ended already.")
    return 0
