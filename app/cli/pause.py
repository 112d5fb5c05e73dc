"""`tunedeck pause RUN`."""

from argparse import ArgumentParser, Namespace

from app.cli.opening import add_runs_dir
from app.cli.stop import ask_to_end
from app.runs.stop import PAUSE


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's name or its beginning")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    return ask_to_end(args, PAUSE)
