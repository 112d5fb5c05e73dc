"""`tunedeck [FILE]`: the app."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.opening import add_runs_dir, complain, has_terminal
from app.config.document import ConfigError, read
from app.runs.folder import file_of, runs_directory
from app.runs.listing import live_run


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a YAML configuration, or a command")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    """Opens the app; a run that still goes on, of this file or of any where none is named, is shown first."""
    if args.file is not None:
        try:
            read(args.file)
        except ConfigError as error:
            return complain(error)
    if not has_terminal():
        return complain("The app needs a terminal. Without one: tunedeck train FILE, or tunedeck --help.")
    runs_dir = runs_directory(args.runs_dir)
    live = live_run(runs_dir, args.file.absolute() if args.file else None)
    file = args.file or (file_of(live) if live else None)
    return args.open_app(file, runs_dir, live)
