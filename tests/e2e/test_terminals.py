"""Terminals that can do less: few colours, none, or no name for what they are."""

import re

import pytest

from app.config.groups import GROUPS
from tests.e2e.job import job
from tests.terminal import CTRL, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401

RGB = re.compile(rb"\x1b\[[\d;]*[34]8;2;(\d+);(\d+);(\d+)(?=[;m])")

TERMINALS = {
    "xterm-256color": {"COLORTERM": None},
    "xterm-16color": {"TERM": "xterm-16color", "COLORTERM": None},
    "linux": {"TERM": "linux", "COLORTERM": None},
    "no colour": {"NO_COLOR": "1"},
    "no colour of 16": {"TERM": "xterm-16color", "COLORTERM": None, "NO_COLOR": "1"},
    "dumb": {"TERM": "dumb", "COLORTERM": None},
    "unknown": {"TERM": "never-heard-of", "COLORTERM": None},
    "none": {"TERM": None, "COLORTERM": None},
    "plain C": {"LANG": "C", "LC_ALL": "C"},
}


SELDOM = ("xterm-256color", "no colour of 16", "unknown", "plain C")


@pytest.mark.parametrize(
    "env",
    [pytest.param(env, id=name, marks=pytest.mark.slow if name in SELDOM else ()) for name, env in TERMINALS.items()],
)
def test_it_starts_shows_its_forms_and_leaves_all_as_it_was(workplace, open_terminal, tiny, env):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", columns=80, lines=24, env=env)
    deck.wait_for("Model & data · train.yaml", "epochs", "^q Quit", "^s Save")
    deck.send(CTRL["n"])
    deck.wait_for(f"{GROUPS[1].label} · ", "fine_tune_type")
    deck.send(CTRL["d"])
    deck.wait_for("‹Findings›")
    if "NO_COLOR" in env and "TERM" not in env:
        assert [colour for colour in RGB.findall(deck.raw) if len(set(colour)) > 1] == [], "other than greys"
    if env.get("TERM") == "xterm-16color":
        assert not RGB.search(deck.raw) and b"8;5;" not in deck.raw
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()
    assert b"Traceback" not in deck.raw
