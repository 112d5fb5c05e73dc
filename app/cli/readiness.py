"""Whether a file may train: what `train` and `queue add` look at, and say, before they begin."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from app.checks.ready import context_at
from app.checks.rules import check
from app.cli.known_data import with_rows
from app.cli.opening import complain
from app.config.config import Config
from app.config.dialect import Resolution, resolve
from app.config.document import ConfigError, Document
from app.machine.memory import system_memory
from app.session.before_start import NO_OBSTACLES

Standing = Callable[[Path], str | None]
"""A sentence naming the adapter that a run would replace in a folder."""


def add_permissions(parser: ArgumentParser) -> None:
    parser.add_argument("--overwrite", action="store_true", help="an adapter that stands in adapter_path may go")
    parser.add_argument(
        "--in-spite-of",
        metavar="CODE[,CODE]",
        default="",
        help="start although these were found, by the codes that the refusal names",
    )


def add_run_options(parser: ArgumentParser) -> None:
    """Those of `RunOptions`, by the names of its fields."""
    parser.add_argument(
        "--patience", type=_count, default=0, metavar="N", help="end after N validations without a lower loss"
    )
    parser.add_argument("--keep-last", type=_count, default=0, metavar="N", help="keep the last N numbered checkpoints")
    parser.add_argument("--fixed-validation", action="store_true", help="validate on the same rows each time")
    parser.add_argument("--validate-last", action="store_true", help="validate once more after the last iteration")
    parser.add_argument("--pause-on-memory", action="store_true", help="pause when this computer's memory runs out")


def when_ready(
    document: Document, start: Path, overwrite: bool, in_spite_of: frozenset[str], standing: Standing
) -> Resolution | None:
    """What a file trains; None when something is in the way, and then it has been said."""
    resolution = resolve(document)
    if resolution.problems:
        problem = resolution.problems[0]
        complain(ConfigError(problem.message, document.path, problem.line, problem.key))
        return None
    values = resolution.config.values
    if not _is_sound(resolution.config, start, in_spite_of):
        return None
    if not overwrite and values["train"] and (words := standing(start / values["adapter_path"])):
        complain(f"{words} (--overwrite allows it)")
        return None
    return resolution


def _is_sound(config: Config, start: Path, in_spite_of: frozenset[str]) -> bool:
    """Tells all that stands in the way, or else the warnings."""
    found = check(with_rows(context_at(config, start, system_memory().total), start))
    found = tuple(one for one in found if one.code not in NO_OBSTACLES)
    errors = [one for one in found if one.level == "error" and one.code not in in_spite_of]
    warnings = [one for one in found if one.level == "warning"]
    for finding in errors or warnings:
        where = f"{finding.key}: " if finding.key else ""
        complain(f"{'' if errors else 'warning: '}{where}{finding.message} [{finding.code}]")
    if errors:
        complain(f"--in-spite-of {','.join(dict.fromkeys(one.code for one in errors))} allows it all the same.")
    return not errors


def _count(text: str) -> int:
    """Raises ValueError, which argparse tells."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number
