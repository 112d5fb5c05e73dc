"""`tunedeck fit FILE`: what makes a training fit a machine, or what a machine has left for it."""

import json
import sys
from argparse import ArgumentParser, Namespace
from functools import reduce
from pathlib import Path

from app.cli.fit_report import Found, as_json, lines
from app.cli.opening import complain
from app.cli.weighing import EXIT_CODES, INTERRUPTED, UNUSABLE, Weighing, add_machine_arguments, weighing
from app.config.config import Config, edit
from app.config.document import ConfigError
from app.config.saving import CannotEdit, SaveError, render, save
from app.memory.estimate import Estimate
from app.memory.fitting import VARIED, Training, cheapest, largest, use_what_is_left
from app.memory.fitting_levers import lever
from app.memory.tracing import Untraceable
from app.memory.verdict import Level
from app.wire.text import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a training configuration in YAML")
    parser.add_argument(
        "--vary", metavar="KEY", choices=VARIED, help=f"the largest value of KEY alone: {', '.join(VARIED)}"
    )
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="write OUT: FILE with the first way in it")
    parser.add_argument("--force", action="store_true", help="overwrite OUT if it exists")
    add_machine_arguments(parser)
    parser.epilog = (
        "Exit status: 0 when FILE fits, or a way was found that does; else as FILE stands: 1 yellow, 2 red, 3 not"
        " known. Input that cannot be used is 2 as well: --json has an `error` then in place of the `level`."
    )


def run(args: Namespace) -> int:
    """Exit status: 0 for something green, else that of the file as it is; 2 unusable input, or an OUT that stands."""
    try:
        with weighing(args) as weighed:
            if args.output:
                _refuse_to_overwrite(args.output, args.force)
            found = _found(weighed, args.vary)
            written = _write(weighed, found, args.output) if args.output and not found.is_vain else None
    except (ConfigError, SaveError, CannotEdit, OSError) as error:
        if args.json:
            print(json.dumps({"error": str(error)}))
        complain(error if isinstance(error, ConfigError | SaveError) else f"{args.file}: {error}")
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    if args.json:
        print(json.dumps(as_json(weighed, found, written), indent=2, default=str))
    else:
        print("\n".join(map(printable, lines(weighed, found, written))))
    for note in [weighed.problem, *weighed.notes]:
        if note:
            print(printable(f"note: {note}"), file=sys.stderr)
    return EXIT_CODES[found.level if found.is_vain else Level.GREEN]


def _found(weighed: Weighing, vary: str | None) -> Found:
    estimate, training = None, _training(weighed)
    if vary and lever(vary, training.config, training.lengths, training.depth) is None:
        raise ConfigError(f"There is nothing to vary about {vary} here.", weighed.document.path)
    try:
        estimate = None if weighed.problem else weighed.estimate(weighed.config)
    except Untraceable as error:
        weighed.problem = str(error)
    if estimate is None:
        certain = weighed.certain()
        return Found(weighed.level(certain) if certain else Level.UNKNOWN, certain, vary)
    level = weighed.level(estimate)
    if vary:
        varied = largest(training, vary)
        return Found(level, estimate, vary, (varied.proposal,) if varied else (), varied)
    return Found(level, estimate, None, use_what_is_left(training) if level is Level.GREEN else cheapest(training))


def _training(weighed: Weighing) -> Training:
    facts = weighed.learned.facts

    def ask(config: Config) -> Estimate | None:
        try:
            return weighed.estimate(config)
        except Untraceable:
            return None

    return Training(
        weighed.config, ask, weighed.level, weighed.lengths, facts.layers if facts else None, weighed.in_four_bits
    )


def _refuse_to_overwrite(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise SaveError(f"{target}: The file exists already; add --force to overwrite it.")


def _write(weighed: Weighing, found: Found, target: Path) -> Path:
    """Every byte that no change concerns stays as it is."""
    changes = found.best.changes if found.best else ()
    config = reduce(lambda config, change: edit(config, *change), changes, weighed.config)
    text = render(weighed.document, config) if changes else weighed.document.text
    source = weighed.document.path
    is_same = source is not None and target.exists() and target.samefile(source)
    save(target, text, weighed.document.fingerprint if is_same else None)
    return target
