"""Predicted against measured peaks, on this machine's backend: `python -m bench memory`, ten minutes at first."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import local

from app.memory.tracing import Tracer
from bench.memory.case import Case
from bench.memory.grid import cases
from bench.memory.result import Result, result
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
    values = (result.first, max(result.measured), peak.point, peak.low)
    first, ten, point, low = (f"{bytes / 1e6:.2f}" for bytes in values)
    name = f"held out: {result.case}" if result.case.held_out else str(result.case)
    detail = f"{first} MB, of ten updates {ten} ({result.error_of_ten:+.2f} %); predicted {point} (from {low})"
    return Row(name, f"{result.error:+.2f} %", f"{detail}, {peak.phase}")


def _summary(name: str, results: Sequence[Result]) -> Row:
    three = [result.error for result in results]
    ten = [result.error_of_ten for result in results]
    return Row(
        f"peak memory, {len(results)} {name}: median error (at most 0.5 %)",
        f"{median(map(abs, three)):.2f} %",
        f"{_range(three)} (at most 3 and -2); of ten updates {median(map(abs, ten)):.2f} %, {_range(ten)}",
    )


def _range(errors: Sequence[float]) -> str:
    return f"{min(errors):+.2f} to {max(errors):+.2f} %"
