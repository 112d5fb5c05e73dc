"""`tunedeck queue`: files that train one after another, whether or not the app is open."""

import json
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from app.cli.opening import add_runs_dir, complain
from app.cli.readiness import add_permissions, add_run_options, when_ready
from app.config.dialect import Resolution
from app.config.document import ConfigError, Document, read
from app.runs import wording
from app.runs.folder import RunError, runs_directory
from app.runs.listing import as_json, list_runs
from app.runs.queued import QueueState, find_queued, let_go_on, look_at_queue, move_by, move_to, remove
from app.session.queueing import enqueue, standing_by_then
from app.wire.run_options import options_from
from app.wire.text import printable

UNUSABLE = 2
_STEPS = {"up": -1, "down": 1}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    add_runs_dir(parser)
    everywhere = ArgumentParser(add_help=False, argument_default=SUPPRESS)  # else it would undo what stood before
    everywhere.add_argument("--json", action="store_true")
    add_runs_dir(everywhere)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions; without one, list what is queued")
    adding = actions.add_parser("add", parents=[everywhere], help="put files at the end, as they are now")
    adding.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add_permissions(adding)
    add_run_options(adding)
    moving = actions.add_parser("move", parents=[everywhere], help="give a queued run another place")
    moving.add_argument("run", metavar="RUN", help="a queued run's name or its beginning")
    moving.add_argument("where", metavar="UP|DOWN|N", type=_where, help="one place up or down, or the place itself")
    removing = actions.add_parser("remove", parents=[everywhere], help="take a run out and delete its folder")
    removing.add_argument("run", metavar="RUN", help="a queued run's name or its beginning")
    actions.add_parser("go", parents=[everywhere], help="go on although a run is paused, or after a restart")


def run(args: Namespace) -> int:
    runs_dir = runs_directory(args.runs_dir)
    try:
        match args.action:
            case "add":
                return _add(args, runs_dir)
            case "move" if args.where in _STEPS:
                move_by(find_queued(runs_dir, args.run), _STEPS[args.where])
            case "move":
                move_to(find_queued(runs_dir, args.run), args.where - 1)
            case "remove":
                remove(find_queued(runs_dir, args.run))
            case "go":
                let_go_on(runs_dir)
    except RunError as error:
        return complain(error)
    _tell(look_at_queue(runs_dir), args.json)
    return 0


def _add(args: Namespace, runs_dir: Path) -> int:
    """All of the files, or none of them: what is wrong with one is said before the first is queued."""
    start = Path.cwd()
    ready: list[tuple[Document, Resolution]] = []
    adapters: dict[Path, Path] = {}

    def standing(adapter: Path) -> str | None:
        other = adapters.get(adapter.resolve())
        return f"{other} writes its adapter to {adapter}, too." if other else standing_by_then(runs_dir, adapter)

    refused = False
    for file in args.files:
        try:
            document = read(file)
        except ConfigError as error:
            complain(error)
            refused = True
            continue
        resolution = when_ready(document, start, args.overwrite, frozenset(args.in_spite_of.split(",")), standing)
        if resolution is None:
            complain(f"{file}: this cannot be queued so.")
            refused = True
            continue
        adapters[(start / resolution.config.values["adapter_path"]).resolve()] = file
        ready.append((document, resolution))
    if refused:
        return UNUSABLE if len(args.files) == 1 else complain("Nothing was queued.")
    _tell_of_paused(runs_dir)
    options = options_from(vars(args))
    for document, resolution in ready:
        for notice in resolution.notices:
            print(printable(f"{notice.level}: {notice.message}"), file=sys.stderr)
        source = document.path.absolute() if document.path else None
        folder = enqueue(resolution.config, document.text, source, start, runs_dir, args.overwrite, options=options)
        print(json.dumps({"run": folder.id, "folder": str(folder.path)}) if args.json else f"queued {folder.id}")
    return 0


def _tell_of_paused(runs_dir: Path) -> None:
    """Only a pause of the run that the queue waited for holds it, which may surprise."""
    now = look_at_queue(runs_dir)
    if now.running is None and now.held_by is None:
        for summary in list_runs(runs_dir):
            if summary.state == "paused":
                print(printable(f"{summary.id} is paused, and the queue does not wait for it."), file=sys.stderr)


def _tell(now: QueueState, in_json: bool) -> None:
    if in_json:
        print(json.dumps(_record(now), indent=2))
        return
    for number, summary in enumerate(now.waiting, 1):
        print(printable(f"{number:>3}  {summary.id:<44} {summary.source or summary.model}"))
    print(printable(wording.queue(now)))


def _record(now: QueueState) -> dict[str, Any]:
    return {
        "queued": [as_json(summary) for summary in now.waiting],
        "running": as_json(now.running) if now.running else None,
        "held_by": now.held_by,
        "worked_off": now.worked_off,
    }


def _where(text: str) -> str | int:
    if text.lower() in _STEPS:
        return text.lower()
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise ArgumentTypeError(f"{text} is neither UP nor DOWN nor a place such as 1")
