"""`tunedeck [FILE]`: the app."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.opening import OpenApp, add_runs_dir, complain, has_terminal
from app.runs.folder import runs_directory

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: "ArgumentParser") -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a YAML configuration, or a command")
    add_runs_dir(parser)


def run(args: "Namespace") -> int:
    return edit(args.file, args.runs_dir, args.open_app)


def edit(file: Path | None, runs_dir: Path | None, open_app: OpenApp) -> int:
    """Opens the app, which reads the file once it is on the screen; 2 for a file that cannot be used."""
    if file is not None and not (has_terminal() and _is_file(file)):
        from app.config.document import ConfigError, read  # slow to import, and the app's first paint need not wait

        try:
            read(file)
        except ConfigError as error:
            return complain(error)
    if not has_terminal():
        return complain("The app needs a terminal. Without one: tunedeck train FILE, or tunedeck --help.")
    return open_app(file, runs_directory(runs_dir), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long for a name; in a folder that may not be entered
        return False
