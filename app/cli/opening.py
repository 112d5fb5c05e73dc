"""How a command asks for the full-screen app, without knowing it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.wire.run_folder import RunFolder
from app.wire.text import printable

if TYPE_CHECKING:
    from argparse import ArgumentParser


class OpenApp(Protocol):
    def __call__(self, file: Path | None, runs_dir: Path, run: RunFolder | None) -> int:
        """Opens the app on `file`, watching `run`; returns the exit code when it is left."""
        ...


def has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def add_runs_dir(parser: "ArgumentParser") -> None:
    parser.add_argument("--runs-dir", type=Path, metavar="DIR", help="where runs are kept (or TUNEDECK_RUNS_DIR)")


def complain(message: object) -> int:
    """One line to stderr; the exit code of unusable input."""
    print(f"tunedeck: {printable(str(message))}", file=sys.stderr)
    return 2
