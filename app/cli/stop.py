"""`tunedeck stop RUN`."""

import time
from argparse import ArgumentParser, Namespace

from app.cli.opening import add_runs_dir, complain
from app.runs.folder import RunError, runs_directory
from app.runs.listing import find_run, summarize
from app.runs.paused import is_paused, stop_paused
from app.runs.resume import plan
from app.runs.stop import PAUSE, STOP, end_at_once, request_stop
from app.wire.run_folder import RunFolder

_AT_ONCE = "at once"
_PATIENCE = 5.0
"""Seconds for a killed trainer to be gone."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's name or its beginning")
    parser.add_argument(
        "--now", action="store_true", help="end it at once; what came after its last checkpoint is lost"
    )
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    return ask_to_end(args, _AT_ONCE if args.now else STOP)


def ask_to_end(args: Namespace, kind: str) -> int:
    try:
        folder = find_run(runs_directory(args.runs_dir), args.run)
        words = _end_paused(folder, kind) if is_paused(folder) else _end(folder, kind)
    except RunError as error:
        return complain(error)
    except OSError as error:
        return complain(f"{error.filename}: the request cannot be written: {error.strerror}.")
    print(f"{folder.id} {words}")
    return 0


def _end_paused(folder: RunFolder, kind: str) -> str:
    if kind == PAUSE:
        return f"is paused already: tunedeck resume {folder.id}"
    stop_paused(folder)
    return f"was paused and counts as stopped now; it can still go on: tunedeck resume {folder.id}"


def _end(folder: RunFolder, kind: str) -> str:
    ends = end_at_once(folder) if kind == _AT_ONCE else request_stop(folder, kind)
    if not ends:
        return "had ended already."
    if kind == PAUSE:
        return f"pauses at its next micro-batch and frees its memory: tunedeck resume {folder.id}"
    return "stops at its next micro-batch." if kind == STOP else f"was ended at once{_what_is_left(folder)}."


def _what_is_left(folder: RunFolder) -> str:
    deadline = time.monotonic() + _PATIENCE
    while summarize(folder).alive and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        left = plan(folder)
    except RunError:
        return ""
    kept = f"it can go on from iteration {left.iteration}" if left.state else "nothing was saved to go on from"
    return f"; {kept}" + (f", and {left.lost} iterations are lost" if left.lost else "")
