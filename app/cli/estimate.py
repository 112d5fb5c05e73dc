"""`tunedeck estimate FILE`: what a training needs of memory, and whether a machine has it."""

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.cli.opening import complain
from app.cli.probing import Probed, probe_here
from app.cli.sizes import size_words
from app.cli.weighing import EXIT_CODES, INTERRUPTED, UNUSABLE, Weighing, add_machine_arguments, weighing
from app.config.document import ConfigError
from app.memory.estimate import Estimate
from app.memory.tracing import Untraceable
from app.memory.verdict import Level, Verdict, overall
from app.wire.text import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a training configuration in YAML")
    parser.add_argument("--probe", action="store_true", help="measure some real steps first; Ctrl-C gives that up")
    add_machine_arguments(parser)
    parser.epilog = (
        "Exit status: 0 green, 1 yellow, 2 red, 3 not known. Input that cannot be used is 2 as well, for nothing should"
        " be started then: --json tells it apart, by an `error` in place of the `level`."
    )


def run(args: Namespace) -> int:
    """Exit status: that of the verdict; 2 for unusable input, of which JSON has `error` alone."""
    began = time.monotonic()
    try:
        with weighing(args) as found:
            estimate, probed = _estimate(found, args.probe)
            verdicts = (*_died(probed, found), *found.verdicts(estimate))
    except ConfigError as error:
        if args.json:
            print(json.dumps({"error": str(error)}))
        complain(error)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    told = (found, estimate, verdicts, probed)
    if args.json:
        print(json.dumps(_as_json(*told) | {"seconds": round(time.monotonic() - began, 3)}, indent=2))
    else:
        print("\n".join(map(printable, _lines(*told))))
    for note in [found.problem, *found.notes]:
        if note:
            print(printable(f"note: {note}"), file=sys.stderr)
    return EXIT_CODES[overall(verdicts).level]


def _estimate(found: Weighing, wants_probe: bool) -> tuple[Estimate | None, Probed | None]:
    """What is certain is the answer where nothing can be traced."""
    if found.problem:
        return found.certain(), None
    try:
        probed = probe_here(found) if wants_probe else None
        return found.estimate(found.config) or found.certain(), probed
    except Untraceable as error:
        found.problem = str(error)
        return found.certain(), None


def _died(probed: Probed | None, found: Weighing) -> tuple[Verdict, ...]:
    """A probe that died of memory is the surest verdict there is, on the machine where it died."""
    if probed is None or not probed.died or not found.is_here:
        return ()
    return (Verdict(Level.RED, "probe", probed.words),)


def _as_json(
    found: Weighing, estimate: Estimate | None, verdicts: tuple[Verdict, ...], probed: Probed | None
) -> dict[str, Any]:
    job = found.job
    return {
        "level": overall(verdicts).level.name.lower(),
        "peak_bytes": estimate.peak_bytes if estimate else None,
        "low_bytes": estimate.low_bytes if estimate else None,
        "high_bytes": estimate.high_bytes if estimate else None,
        "parts": {part.name: part.bytes for part in estimate.parts} if estimate else {},
        "phase": estimate.phase if estimate else "",
        "method": estimate.method.name.lower() if estimate else None,
        "origin": estimate.origin if estimate else "",
        "backend": found.estimates.environment.backend,
        "verdicts": [{"subject": one.subject, "level": one.level.name.lower(), "words": one.words} for one in verdicts],
        "batch": job.point.batch if job else None,
        "width": job.point.width if job else None,
        "probe": probed.figures if probed else None,
        "problem": found.problem,
        "notes": found.notes,
    }


def _lines(
    found: Weighing, estimate: Estimate | None, verdicts: tuple[Verdict, ...], probed: Probed | None
) -> Iterator[str]:
    worst = overall(verdicts)
    yield f"{found.document.path}: {worst.level.symbol} {worst.level.word}"
    if estimate and estimate.peak_bytes is not None and estimate.high_bytes is not None:
        band = f"{size_words(estimate.low_bytes)} to {size_words(estimate.high_bytes)}"
        yield f"  peak {size_words(estimate.peak_bytes)}, {band}: {estimate.method.value} ({estimate.origin})"
    elif estimate:
        yield f"  at least {size_words(estimate.low_bytes)}: {estimate.method.value}"
    if (job := found.job) and estimate and estimate.phase:
        yield f"  in phase {estimate.phase}, at {job.point.batch} x {job.point.width} tokens"
    for part in estimate.parts if estimate else ():
        yield f"    {size_words(part.bytes):>10}  {part.name}"
    if probed:
        yield f"  probe: {probed.words}"
    for verdict in verdicts:
        yield f"  {verdict.level.symbol} {verdict.level.word}: {verdict.subject}: {verdict.words}"
