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
    megabytes = " ".join(f"{bytes / 1e6:.2f}" for bytes in (result.measured, peak.point, peak.low, peak.high))
    measured, point, low, high = megabytes.split()
    name = f"held out: {result.case}" if result.case.held_out else str(result.case)
    return Row(name, f"{result.error:+.2f} %", f"{measured} MB, predicted {point} ({low} to {high}) in {peak.phase}")


def _summary(name: str, results: Sequence[Result]) -> Row:
    errors = [each.error for each in results]
    worst, lowest = max(errors, key=abs), min(errors)
    inside = sum(each.peak.low <= each.measured <= each.peak.high for each in results)
    return Row(
        f"peak memory, {len(results)} {name}: median error (at most 0.5 %)",
        f"{median(map(abs, errors)):.2f} %",
        f"worst {worst:+.2f} % (at most 3), lowest {lowest:+.2f} % (at least -2); {inside} within low to high",
    )
