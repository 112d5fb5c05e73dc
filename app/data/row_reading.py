"""One line of a file, read as mlx-lm reads it: `json.loads`, but faster where both agree."""

import json
from typing import Any

import orjson

from app.data.row_format import Odd

_WHITE = b" \t\n\r"
"""What JSON takes for white space."""


def read_row(line: bytes) -> tuple[Any, bool]:
    """The value in a line, and whether its strings are known to be text. Raises Odd for what mlx-lm cannot load.

    orjson takes nothing that json refuses; what it refuses (NaN, half a surrogate pair, 1e999) json may still take.
    """
    try:
        return orjson.loads(line), True
    except orjson.JSONDecodeError:
        return _read_slowly(line), False


def _read_slowly(line: bytes) -> Any:
    if not line.strip(_WHITE):
        raise Odd("blank-line", "it is blank")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise Odd("not-text", f"it is not UTF-8 text (byte {error.start + 1} of the line)") from error
    if text.startswith("\ufeff"):
        raise Odd("byte-order-mark", "it begins with a byte order mark")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Odd("not-json", f"it is no JSON: {error.msg.removesuffix(' at')} at character {error.colno}") from error
    except ValueError as error:
        raise Odd("not-json", "it is no JSON that Python reads: a number in it has too many digits") from error
    except RecursionError as error:
        raise Odd("not-json", "it is no JSON that Python reads: it is nested too deeply") from error
