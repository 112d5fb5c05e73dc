"""The part of a log that only a programmer wants: it is folded away until asked for."""

import re
from collections.abc import Sequence

_TRACEBACK = "Traceback (most recent call last):"
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
_ABORTS = ("libc++abi: ", "terminate called ", "Fatal Python error: ")
"""How C++ on a Mac and on Linux, and Python's faulthandler, begin their last words."""
_TRAINERS_OWN = re.compile(r"failed at iteration \d+: ")
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_FATAL_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)$')


def trace_of(log: Sequence[str]) -> tuple[str, ...]:
    """The last trace in a log, with those that it came from; empty when there is none."""
    begins = [at for at, line in enumerate(log) if line.startswith((_TRACEBACK, *_ABORTS))]
    if not begins:
        return ()
    begin = begins.pop()
    while begins and _belong_together(log[begins[-1] : begin]):
        begin = begins.pop()
    return tuple(line for line in log[begin:] if not _TRAINERS_OWN.match(line))


def place_of(trace: Sequence[str]) -> str:
    """Where it broke, as `file:line in function`; empty when the trace does not say."""
    frames = [found for line in trace if (found := _FRAME.match(line))]
    if frames:
        last = frames[-1]
    else:  # faulthandler has the most recent call first
        first = next((found for line in trace if (found := _FATAL_FRAME.match(line))), None)
        if first is None:
            return ""
        last = first
    file = last["file"].rpartition("/site-packages/")[2]
    return f"{file}:{last['line']}" + (f" in {last['function']}" if last["function"] else "")


def _belong_together(between: Sequence[str]) -> bool:
    """Whether one trace led to the next, or an abort follows another's first words."""
    return any(line.startswith(_CHAINED) for line in between) or len(between) <= 2
