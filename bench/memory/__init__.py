"""Predicted against measured peaks, on this machine's backend: `python -m bench memory`, ten minutes at first."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import local

from app.memory.tracing import Tracer
from bench.memory.case import Case
from bench.memory.grid import cases
from bench.memory.result import FEW, MANY, Result, result
from bench.row import Row

AT_ONCE = 2
"""Each holds up to 1.5 GB, and the kernels of one step run on more than one core."""


def run() -> list[Row]:
    tracers = local()

    def one(case: Case) -> Result:
        if not hasattr(tracers, "own"):
            tracers.own = Tracer()
        done = result(case, tracers.own)
        print(f"{done.error:+6.2f} %  {case}", file=sys.stderr, flush=True)
        return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(one, cases()))
    chosen = [each for each in results if not each.case.held_out]
    drawn = [each for each in results if each.case.held_out]
    rows = [_row(each) for each in (*chosen, *drawn)]
    return [*rows, _summary("chosen", chosen), _summary("held out", drawn), _summary("all", results)]


def _row(result: Result) -> Row:
    peak = result.peak
    name = f"held out: {result.case}" if result.case.held_out else str(result.case)
    predicted = f"predicted {_megabytes(result.predicted(FEW))} ({_megabytes(peak.low)} at the least), {peak.phase}"
    detail = f"{_megabytes(result.measured)} MB, {predicted}"
    if result.of_many:
        detail += f"; ten updates: {_megabytes(result.of_many)} MB, {result.error_to(result.of_many, MANY):+.2f} %"
    return Row(name, f"{result.error:+.2f} %", detail)


def _megabytes(bytes: int) -> str:
    return f"{bytes / 1e6:.2f}"


def _summary(name: str, results: Sequence[Result]) -> Row:
    errors = [each.error for each in results]
    return Row(
        f"peak memory, {len(results)} {name}: median error (at most 0.5 %)",
        f"{median(map(abs, errors)):.2f} %",
        f"lowest {min(errors):+.2f} % (at least -2), highest {max(errors):+.2f} % (at most 3)",
    )
