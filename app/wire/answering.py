"""The process that is asked: its output is for answers alone, and it does not outlive whoever asked."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

Tell = Callable[[Mapping[str, Any]], None]
"""Writes one message, a line of JSON."""


def take_stdout() -> Tell:
    """Standard output for answers alone: whatever else prints goes to standard error from now on."""
    output = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return lambda message: print(json.dumps(message), file=output, flush=True)


def end_with_stdin() -> None:
    """From now on the process ends at once when standard input is closed."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()


def _end_with_stdin() -> None:
    """`os.read` and no file object: a thread that sits in one keeps the interpreter from ending."""
    while os.read(0, 4096):
        pass
    os._exit(1)
