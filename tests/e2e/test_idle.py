"""A screen that nobody touches sends nothing down the line: over ssh every byte is waited for."""

import json
import time

import pytest

from tests.e2e.job import job
from tests.terminal import CTRL, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401

SECONDS = 3.0
FIGURES = 2_000
"""Bytes: enough for two or three changed lines of the panel, where the machine's memory stands in tenths of a GB."""

PLACES = {
    "panel": ("", "others: "),
    "form": ("", "effective batch 4"),
    "words to choose": (CTRL["n"], "fine_tune_type  "),
    "start": (CTRL["o"], "The demo"),
    "presets": (CTRL["l"], "Anti-forgetting"),
    "review": (CTRL["d"], "‹Findings›"),
    "train": (CTRL["t"], "No run is watched"),
}
"""The keys that lead there from the form, and what is to be seen then."""

pytestmark = pytest.mark.slow


def test_nothing_is_written(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    trace_once(workplace, open_terminal)
    decks = {place: open_terminal("train.yaml", columns=120 if place == "panel" else 110) for place in PLACES}
    for place, (keys, shown) in PLACES.items():
        decks[place].wait_for("effective batch 4", "^s Save")
        decks[place].wait_until(knows_its_memory, "the memory verdict")
        decks[place].send(keys)
        decks[place].wait_for(shown)
    deadline, written = time.monotonic() + 20, {}
    while written != (written := {place: len(deck.raw) for place, deck in decks.items() if place != "panel"}):
        assert time.monotonic() < deadline, "they never come to rest"
        time.sleep(1.0)
    written["panel"] = len(decks["panel"].raw)
    time.sleep(SECONDS)
    for place, deck in decks.items():
        limit = FIGURES if place == "panel" else 0
        assert len(deck.raw) - written[place] <= limit, (place, deck.raw[written[place] :])


def trace_once(workplace, open_terminal):  # noqa: F811
    """So that all others have the answer from disk, and nothing more to come."""
    deck, traces = open_terminal("train.yaml"), workplace.folder / "cache" / "tunedeck" / "traces"
    deadline = time.monotonic() + 60
    while not any(json.loads(file.read_bytes())["curves"] for file in traces.glob("*.json")):
        assert time.monotonic() < deadline, f"nothing was traced:\n{deck.text()}"
        time.sleep(0.2)
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0


def knows_its_memory(screen: str) -> bool:
    """Whatever it is: the machine of the test may be small."""
    return any(word in screen for word in ("✔ fits", "! tight", "✗ too much"))
