"""`tunedeck runs`: what runs there are, newest first; `--csv RUN`: the curve of one as a table."""

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from app.cli.opening import add_runs_dir, complain
from app.runs import units, wording
from app.runs.export import FileStands, csv_text, export_csv
from app.runs.figures import RunFigures, as_plain, figures
from app.runs.folder import RunError, runs_directory
from app.runs.listing import RunSummary, as_json, find_run, list_runs
from app.wire.text import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--csv", metavar="RUN", help="print the curve of this run: losses by iteration, tokens, seconds"
    )
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="write the curve into OUT instead")
    parser.add_argument("--force", action="store_true", help="overwrite OUT if it exists")
    add_runs_dir(parser)


def run(args: Namespace) -> int:
    runs_dir = runs_directory(args.runs_dir)
    if args.csv:
        return _export(args, runs_dir)
    if args.output:
        return complain("-o names the file of a curve: say of which run with --csv RUN.")
    runs = [(summary, figures(summary.folder, summary.alive)) for summary in list_runs(runs_dir)]
    if args.json:
        print(json.dumps([as_json(summary) | _more(found) for summary, found in runs], indent=2))
    elif not runs:
        print(f"No runs in {runs_dir} yet.")
    for summary, found in [] if args.json else runs:
        print(printable(_line(summary, found)))
    return 0


def _export(args: Namespace, runs_dir: Path) -> int:
    try:
        run = find_run(runs_dir, args.csv)
        if args.output is None:
            sys.stdout.write(csv_text(run))
            return 0
        count = export_csv(run, args.output, overwrite=args.force)
    except FileStands as error:
        return complain(f"{error} Add --force to overwrite it.")
    except RunError as error:
        return complain(error)
    print(printable(f"{args.output}: {count:,} lines of {run.id}."))
    return 0


def _line(summary: RunSummary, found: RunFigures) -> str:
    """Name, state and how far it came; its losses, best and time; its model, and why it ended early."""
    parts = [summary.state]
    if summary.iters:
        parts.append(f"iteration {summary.iteration} of {summary.iters}")
    if found.train_loss is not None:
        parts.append(f"loss {units.loss(found.train_loss)}")
    if found.validation_loss is not None:
        parts.append(f"valid {units.loss(found.validation_loss)}")
    if found.best_loss is not None:
        parts.append(f"best {units.loss(found.best_loss)} at {found.best_iteration}")
    if found.test_loss is not None:
        parts.append(f"test {units.loss(found.test_loss)}")
    if found.seconds:
        parts.append(units.duration(found.seconds))
    parts.append(wording.last_name(summary.model))
    return f"{summary.id:<36} {', '.join(parts)}{f': {summary.how}' if summary.how else ''}"


def _more(found: RunFigures) -> dict[str, object]:
    """Of the whole run: what `figures.json` keeps of it, and the speed that follows."""
    return as_plain(asdict(found) | {"tokens_per_second": found.tokens_per_second})
