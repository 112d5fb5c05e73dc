"""`tunedeck [FILE]`: the app."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.opening import add_runs_dir, complain, has_terminal
from app.runs.folder import runs_directory


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a YAML configuration, or a command")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    """Opens the app, which reads the file once it is on the screen; 2 for a file that cannot be used."""
    if args.file is not None and not (has_terminal() and _is_file(args.file)):
        from app.config.document import ConfigError, read  # slow to import, and the app's first paint need not wait

        try:
            read(args.file)
        except ConfigError as error:
            return complain(error)
    if not has_terminal():
        return complain("The app needs a terminal. Without one: tunedeck train FILE, or tunedeck --help.")
    return args.open_app(args.file, runs_directory(args.runs_dir), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long for a name; in a folder that may not be entered
        return False
