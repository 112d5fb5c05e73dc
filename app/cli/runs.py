"""`tunedeck runs`: what runs there are, newest first."""

import json
from argparse import ArgumentParser, Namespace

from app.cli.opening import add_runs_dir
from app.runs import wording
from app.runs.folder import runs_directory
from app.runs.listing import as_json, list_runs
from app.wire.text import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    runs_dir = runs_directory(args.runs_dir)
    summaries = list_runs(runs_dir)
    if args.json:
        print(json.dumps([as_json(summary) for summary in summaries], indent=2))
    elif not summaries:
        print(f"No runs in {runs_dir} yet.")
    for summary in [] if args.json else summaries:
        print(printable(f"{summary.id:<44} {wording.state(summary)}"))
    return 0
