"""From an empty start to an adapter: a person who has a folder of rows and a model, and no file."""

import json
import shutil

import pytest

from app.runs.listing import summarize
from tests.e2e.job import curve_cells, iteration_shown, job
from tests.terminal import BACKSPACE, CTRL, ENTER, ESCAPE, RIGHT, UP, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401

BEGIN = ("paste, drop or type a path", "Begin", "The demo", "^r Run")


def test_from_nothing_to_an_adapter(workplace, open_terminal, tiny):  # noqa: F811
    shutil.copytree(tiny / "model", workplace.folder / "tiny model")
    shutil.copytree(tiny / "data", workplace.folder / "rows")
    deck = open_terminal()
    deck.wait_for(*BEGIN)

    deck.paste(f"'{workplace.folder}/rows' ")  # as a terminal writes a folder that is dropped on it
    deck.wait_for("type to narrow the list")
    deck.send("tiny model" + ENTER)
    screen = deck.wait_for("new configuration  ● edited", "training rows   150", "2 of 2 layers", "effective batch 2")
    assert "iterations      150" in screen and "? not known yet" in screen

    deck.send(CTRL["r"])
    deck.wait_until(lambda screen: iteration_shown(screen) > 20 and curve_cells(screen) > 30, "a curve", 40)
    (run,) = workplace.runs()
    assert summarize(run).source is None
    deck.send(CTRL["q"])
    deck.wait_for("Unsaved changes")
    deck.send(RIGHT + ENTER)
    deck.wait_for("A run goes on", "Leave it running")
    deck.send(ENTER)
    assert deck.wait_for_exit() == 0
    deck.assert_restored()

    wait_for(run.exit.exists)
    assert summarize(run).state == "finished"
    adapter = workplace.folder / "adapters" / "rows-1"
    assert (adapter / "adapters.safetensors").stat().st_size > 1000
    assert json.loads((adapter / "adapter_config.json").read_text())["lora_parameters"]["scale"] == 1.0


@pytest.mark.slow
def test_what_was_begun_is_saved_under_a_name_and_is_at_hand_the_next_time(workplace, open_terminal, tiny):  # noqa: F811
    deck = open_terminal()
    deck.wait_for(*BEGIN)
    deck.paste(str(tiny / "model"))
    deck.wait_for("The folder with train.jsonl")
    deck.send("./nowhere" + ENTER)
    deck.wait_for("./nowhere has no train.jsonl")
    deck.send(BACKSPACE * len("./nowhere") + str(tiny / "data") + ENTER)
    deck.wait_for("new configuration  ● edited", "training rows   150")
    deck.send(CTRL["s"])
    deck.wait_for("Save as")
    deck.send(BACKSPACE * len("train.yaml") + "mine.yaml" + ENTER)
    deck.wait_for("Saved mine.yaml")
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0
    assert f"model: {tiny}/model\n" in (workplace.folder / "mine.yaml").read_text()

    again = open_terminal()
    again.wait_for("Recent", "mine.yaml", "just now")
    again.send(UP + ENTER)
    again.wait_for("Model & data · ", "mine.yaml", "training rows   150")


@pytest.mark.slow
def test_a_path_may_be_typed_or_pasted_and_one_that_will_not_do_is_said(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("a file.yaml", job(tiny))
    workplace.write("odd.yaml", "- a list\n")
    workplace.write("notes.txt", "nothing")
    deck = open_terminal()
    deck.wait_for(*BEGIN)
    for pasted, said in (
        ("./missing.yaml", "missing.yaml"),
        ("notes.txt", "notes.txt is neither"),
        ("odd.yaml", "odd.yaml:1: The"),
    ):
        deck.paste(pasted)
        deck.wait_for("✗ ", said)
    deck.paste(r"a\ file.yaml ")
    deck.wait_for("Model & data · ", "a file.yaml", "training rows   150")
    deck.send(CTRL["o"])
    deck.wait_for("Go on")
    deck.send(ESCAPE)
    deck.send(ENTER)
    deck.wait_for("Model & data · ")
