"""`tunedeck train FILE`: the same run as in the app, in plain lines."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli.following import follow
from app.cli.opening import add_runs_dir, complain
from app.cli.readiness import add_permissions, when_ready
from app.config.document import ConfigError, Document, read
from app.runs.adapter import existing_adapter
from app.runs.folder import RunError, runs_directory
from app.session.training import begin
from app.wire.run_folder import RunFolder
from app.wire.text import printable

UNUSABLE = 2


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--detach", action="store_true", help="start it, print its name and leave")
    parser.add_argument("--json", action="store_true", help="events as JSON, one a line")
    add_permissions(parser)
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    try:
        document = read(args.file)
    except ConfigError as error:
        return complain(error)
    in_spite_of = frozenset(args.in_spite_of.split(","))
    return train_document(document, runs_directory(args.runs_dir), args.overwrite, args.detach, args.json, in_spite_of)


def train_document(
    document: Document, runs_dir: Path, overwrite: bool, detach: bool, as_json: bool, in_spite_of: frozenset[str]
) -> int:
    """Starts a run of what a file says, and follows it unless told to leave."""
    start = Path.cwd()
    resolution = when_ready(document, start, overwrite, in_spite_of, existing_adapter)
    if resolution is None:
        return UNUSABLE
    source = document.path.absolute() if document.path else None
    try:
        folder = begin(resolution.config, document.text, source, start, runs_dir, overwrite)
    except RunError as error:
        return complain(error)
    for notice in resolution.notices:
        print(printable(f"{notice.level}: {notice.message}"), file=sys.stderr)
    _announce(folder, as_json)
    return 0 if detach else follow(folder, as_json)


def _announce(folder: RunFolder, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"run": folder.id, "folder": str(folder.path)}), flush=True)
    else:
        print(f"run {folder.id}", flush=True)
