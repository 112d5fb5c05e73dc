"""`tunedeck convert IN OUT`: the same configuration in the other dialect."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.config.convert import convert
from app.config.dialect import Dialect, resolve
from app.config.document import ConfigError, read
from app.config.edits import CannotEdit
from app.config.saving import SaveError, save
from app.wire.text import printable

DONE, UNUSABLE = 0, 2


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", type=Path, help="the YAML file to convert")
    parser.add_argument("target", metavar="OUT", type=Path, help="the YAML file to write")
    parser.add_argument(
        "--to",
        choices=[Dialect.NATIVE.value, Dialect.FLAT.value],
        default=Dialect.NATIVE.value,
        help="native: lora_parameters as mlx-lm reads them (the default); flat: also lora_rank and so on",
    )
    parser.add_argument("--force", action="store_true", help="overwrite OUT if it exists")


def run(args: Namespace) -> int:
    """Exit status: 0 written, 2 unusable input or a target that must not be overwritten."""
    if args.target.exists() and not args.force:
        return _fail(f"{args.target}: The file exists already; add --force to overwrite it.")
    try:
        document = read(args.source)
        for problem in resolve(document).problems:
            raise ConfigError(problem.message, document.path, problem.line, problem.key)
        save(args.target, convert(document, Dialect(args.to)), None)
    except CannotEdit as error:
        return _fail(f"{args.source}: {error}")
    except (ConfigError, SaveError) as error:
        return _fail(str(error))
    print(printable(f"{args.target}: written, {args.to}."))
    return DONE


def _fail(message: str) -> int:
    print(printable(message), file=sys.stderr)
    return UNUSABLE
