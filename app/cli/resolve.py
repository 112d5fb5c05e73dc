"""`tunedeck resolve FILE`: what Tunedeck trains from a file, and where plain mlx-lm reads it differently."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.config.config import native
from app.config.dialect import Resolution, resolve
from app.config.document import ConfigError, read
from app.config.groups import GROUPS
from app.config.registry import BY_KEY, in_group
from app.config.stock import Difference, differences, stock
from app.config.values import one_line
from app.wire.text import printable

DONE, UNUSABLE = 0, 2


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a training configuration in YAML")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")


def run(args: Namespace) -> int:
    """Exit status: 0 usable, 2 not: the file, or a value in it. What can be told is printed either way."""
    try:
        resolution = resolve(read(args.file))
    except ConfigError as error:
        print(printable(str(error)), file=sys.stderr)
        return UNUSABLE
    if args.json:
        print(json.dumps(_as_json(resolution), indent=2, default=str))
    else:
        print("\n".join(map(printable, _as_table(resolution))))
    for problem in resolution.problems:
        place = ConfigError(problem.message, args.file, problem.line, problem.key)
        print(printable(str(place)), file=sys.stderr)
    return UNUSABLE if resolution.problems else DONE


def _as_json(resolution: Resolution) -> dict[str, Any]:
    document, config = resolution.document, resolution.config
    return {
        "config": native(config),
        "origin": {key: origin.value for key, origin in config.origins.items()},
        "dialect": resolution.dialect.value,
        "stock_differs": [
            {"key": one.key, "ours": one.ours, "stock": one.stock} for one in differences(document, config)
        ],
        "stock_failure": stock(document).failure,
        "notices": [
            {"code": one.code, "level": one.level, "key": one.key, "line": one.line, "message": one.message}
            for one in resolution.notices
        ],
        "problems": [{"key": one.key, "line": one.line, "message": one.message} for one in resolution.problems],
    }


def _as_table(resolution: Resolution) -> Iterator[str]:
    document, config = resolution.document, resolution.config
    width = max(map(len, BY_KEY))
    differing = {one.key: one for one in differences(document, config)}
    for group in GROUPS:
        yield group.label
        for parameter in in_group(group.id):
            value = one_line(parameter, config.values[parameter.key])
            origin = config.origins[parameter.key].value
            theirs = _stock(differing.get(parameter.key))
            yield f"  {parameter.key:<{width}}  {value:<24}  {origin:<7}{theirs}".rstrip()
    if failure := stock(document).failure:
        yield f"Plain mlx-lm on this file: {failure}"
    for notice in resolution.notices:
        place = f" (line {notice.line})" if notice.line else ""
        yield f"{notice.level}: {notice.message}{place}"


def _stock(difference: Difference | None) -> str:
    return f"  mlx-lm: {one_line(BY_KEY[difference.key], difference.stock)}" if difference else ""
