"""A run in plain lines, until it ends."""

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.cli.crash_lines import crash_lines
from app.runs import wording
from app.runs.follow import EventReader
from app.runs.listing import goes_on, live_run, summarize
from app.runs.stop import request_stop
from app.wire.events import Best, Checkpoint, Ended, Event, Model, Note, Phase, Report, Tested, Validation, encode
from app.wire.run_folder import RunFolder
from app.wire.text import printable

LOOK_EVERY = 0.2
EXIT_CODES = {"finished": 0, "stopped": 3, "paused": 3}


def follow(run: RunFolder, as_json: bool) -> int:
    """Prints the run's events as they come; the first Ctrl-C stops and saves, a second stops watching."""
    show = _print_json if as_json else _Plain().show
    reader = EventReader(run.events)
    try:
        _until_the_end(run, reader, show)
    except KeyboardInterrupt:
        _stop(run)
        print("Stopping at the next micro-batch; Ctrl-C again leaves the run to itself.", file=sys.stderr)
        try:
            _until_the_end(run, reader, show)
        except KeyboardInterrupt:
            print(f"The run ends by itself: tunedeck attach {run.id}", file=sys.stderr)
            return EXIT_CODES["stopped"]
    summary = summarize(run)
    for line in crash_lines(summary):
        print(line, file=sys.stderr)
    return EXIT_CODES.get(summary.state, 1)


def announce(run: RunFolder, as_json: bool) -> None:
    """Names the run before its first event."""
    print(json.dumps({"run": run.id, "folder": str(run.path)}) if as_json else f"run {run.id}", flush=True)


def tell_of_another(runs_dir: Path) -> None:
    """Names the run that goes on beside one which is about to begin."""
    if other := live_run(runs_dir):
        print(printable(f"another run, {other.id}, goes on; both share this computer's memory"), file=sys.stderr)


def _stop(run: RunFolder) -> None:
    """Writes the request whole, whatever comes meanwhile: some senders signal the process and its group at once."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        request_stop(run)
    finally:
        signal.signal(signal.SIGINT, before)


def _until_the_end(run: RunFolder, reader: EventReader, show: Callable[[Event], None]) -> None:
    while True:
        alive = goes_on(run)
        events = reader.read_new()
        for event in events:
            show(event)
        sys.stdout.flush()
        if not events:
            if not alive:
                return
            time.sleep(LOOK_EVERY)


def _print_json(event: Event) -> None:
    sys.stdout.write(encode(event))


class _Plain:
    """One line for each thing worth one: no line per step, and a phase only when it is new."""

    def __init__(self) -> None:
        self._phases: set[str] = set()

    def show(self, event: Event) -> None:
        if isinstance(event, Phase):
            if event.name in self._phases:
                return
            self._phases.add(event.name)
        if line := plain_line(event):
            print(printable(line))


def plain_line(event: Event) -> str | None:
    """An event in words; None for those that are no line of their own."""
    match event:
        case Phase():
            return f"… {wording.phase(event)}"
        case Model():
            share = event.trainable / event.parameters if event.parameters else 0
            rows = f"{event.rows:,} training rows, {event.valid_rows:,} validation rows"
            return f"{event.trainable:,} of {event.parameters:,} parameters train ({share:.2%}); {rows}"
        case Report():
            return wording.report(event)
        case Validation():
            return wording.validation(event)
        case Checkpoint():
            return f"iteration {event.iteration:>6}  saved {event.path}"
        case Tested():
            return f"test loss {event.loss:.3f}, perplexity {event.perplexity:.3f}"
        case Note():
            return f"{event.level}: {event.text}"
        case Ended(outcome="failed"):
            return f"failed at iteration {event.iteration}: {event.reason}"
        case Best():
            return f"iteration {event.iteration:>6}  the lowest validation loss so far; kept in {event.path}"
        case Ended():
            return f"{event.outcome} at iteration {event.iteration}" + (f": {event.reason}" if event.reason else "")
    return None
