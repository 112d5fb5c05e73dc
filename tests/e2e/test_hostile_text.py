"""Markup and terminal escapes in names and logs are shown, never obeyed, and stop nothing."""

import json
import re

import pytest

from app.runs.listing import summarize
from tests.e2e.job import iteration_shown, job
from tests.terminal import CTRL, DOWN, END, ENTER, LEFT, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401

HOSTILE = "[red]o[/x]\x1b]0;owned\x07\x1b[31m"
SHOWN = r"[red]o[/x]\x1b]0;owned\x07\x1b[31m"
QUOTED = r"[red]o[/x]\e]0;owned\a\e[31m"
"""The same in a double-quoted YAML scalar. The slash makes it two folders."""


@pytest.fixture
def hostile(workplace, tiny):  # noqa: F811
    """A file whose own name, model, data and adapter path are all hostile."""
    folder = workplace.folder / HOSTILE
    folder.mkdir(parents=True)
    (folder / "model").symlink_to(tiny / "model")
    (folder / "data").symlink_to(tiny / "data")
    paths = {key: f'"{QUOTED}/{name}"' for key, name in (("model", "model"), ("data", "data"))}
    text = job(tiny, **paths, adapter_path=f'"{QUOTED}/adapters"')
    workplace.write(f"{HOSTILE}.yaml", text)
    return f"{HOSTILE}.yaml"


def assert_obeyed_nothing(raw: bytes):
    assert not re.search(rb"\x1b\](?!22;)", raw), "a command that is not Textual's pointer shape was sent"
    assert b"\x1b[31m" not in raw, "the colour was taken: Textual writes its own as 38;2"


@pytest.mark.slow
def test_it_is_shown_as_it_is_and_trains(workplace, open_terminal, hostile):  # noqa: F811
    deck = open_terminal(hostile)
    screen = deck.wait_for(f"{SHOWN}.yaml", "training rows   150")
    assert re.search(r"Model  .*0;owned␛", screen), "the model's field"

    deck.send(CTRL["r"])
    deck.wait_until(lambda screen: iteration_shown(screen) > 3, "the curve", 40)
    (run,) = workplace.runs()
    with run.log.open("a") as log:
        log.write(f"\n{HOSTILE} in the log\n")
    deck.wait_for(f"{SHOWN} in the log")

    deck.send(CTRL["x"])
    deck.wait_for("Stop this run?")
    deck.send("\x1b[C\r")
    deck.wait_for("■ stopped")
    wait_for(run.exit.exists)
    assert (workplace.folder / HOSTILE / "adapters" / "adapters.safetensors").exists()
    deck.wait_for("^r Run")
    deck.send(CTRL["r"])
    deck.wait_for("An adapter stands here", r"[red]o[/x]\x1b]0;owned\x07")  # the dialog wraps the rest
    deck.send(ENTER)

    deck.wait_until(lambda screen: "An adapter stands here" not in screen, "the question gone")
    deck.send(CTRL["t"])
    deck.wait_for(" model  text")
    deck.send(END + "!")
    deck.wait_for("● edited")
    deck.send(CTRL["s"])
    deck.wait_for(f"Save {SHOWN}.yaml", "+model: ", r"\e]0;owned")
    deck.send(ENTER)
    deck.wait_for(f"Saved {SHOWN}.yaml")
    deck.send(CTRL["r"])
    deck.wait_for("This cannot train yet", SHOWN)
    deck.send(ENTER)
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()
    assert_obeyed_nothing(deck.raw)
    assert len(workplace.runs()) == 1


def test_the_commands_show_it_as_it_is(workplace, hostile, tiny):  # noqa: F811
    text = (workplace.folder / hostile).read_text()
    (workplace.folder / hostile).write_text(text.replace("iters: 1000000", "iters: 2"))
    trained = workplace.tunedeck("train", hostile)
    assert trained.returncode == 0, trained.stderr
    assert f"saved {SHOWN}/adapters/adapters.safetensors" in trained.stdout

    refused = workplace.tunedeck("train", hostile)
    assert refused.returncode == 2
    assert f"{SHOWN}/adapters holds an adapter" in refused.stderr

    resolved = workplace.tunedeck("resolve", hostile)
    assert f"{SHOWN}/model" in resolved.stdout
    missing = workplace.tunedeck("resolve", f"{HOSTILE}.yml")
    assert f"{SHOWN}.yml" in missing.stderr
    listed = workplace.tunedeck("runs", "--json")
    assert json.loads(listed.stdout)[0]["model"] == f"{HOSTILE}/model"
    for done in (trained, refused, resolved, missing, listed):
        assert "\x1b" not in done.stdout + done.stderr
        assert "\x07" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_failure_that_quotes_it_is_shown_as_it_is(workplace, open_terminal, tiny):  # noqa: F811
    """The trainer itself fails on the name, so its reason and its log both hold it."""
    broken = workplace.folder / HOSTILE
    broken.mkdir(parents=True)
    (broken / "config.json").write_text(json.dumps({"model_type": HOSTILE}))
    workplace.write("train.yaml", job(tiny, model=f'"{QUOTED}"'))
    deck = open_terminal("train.yaml")
    deck.wait_for("training rows   150")
    deck.send(CTRL["r"])
    deck.wait_for("This cannot train yet", SHOWN, "Train anyway")
    deck.send(LEFT + ENTER)  # around to the last answer
    deck.wait_for("✗ failed", timeout=40)
    (run,) = workplace.runs()
    wait_for(run.exit.exists)
    assert summarize(run).state == "failed"
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    deck.assert_restored()
    assert_obeyed_nothing(deck.raw)

    listed = workplace.tunedeck("runs")
    assert "failed" in listed.stdout
    assert "\x1b" not in listed.stdout
