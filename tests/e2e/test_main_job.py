"""The whole story in a terminal: open, type, save, train, watch, quit, come back, stop, leave."""

import yaml

from app.runs.listing import summarize
from tests.e2e.job import curve_cells, iteration_shown, job, readout, steps
from tests.terminal import CTRL, DOWN, ENTER, HOME, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401


def test_open_type_save_train_quit_come_back_and_stop(workplace, open_terminal, tiny):  # noqa: F811
    text = job(tiny)
    file = workplace.write("train.yaml", text)
    deck = open_terminal("train.yaml")

    deck.wait_for("train.yaml", "Model & data", "training rows   150")
    for group in ("fine_tune_type", "optimizer", "num_layers"):
        deck.send(CTRL["n"])
        deck.wait_for(f" {group}  ")
    deck.send(DOWN)
    deck.wait_for(" lora_parameters.rank (lora_rank)")
    deck.send("6")  # the cursor came with the number selected, so this replaces it
    deck.wait_for("● edited", "6 ", "● typed")

    deck.send(CTRL["s"])
    deck.wait_for("Save train.yaml", "-lora_parameters: {rank: 4", "+lora_parameters: {rank: 6")
    deck.send(ENTER)
    deck.wait_for("Saved train.yaml")
    assert file.read_text() == text.replace("rank: 4", "rank: 6")

    deck.send(CTRL["r"])
    deck.wait_until(lambda screen: iteration_shown(screen) > 20 and curve_cells(screen) > 30, "a curve", 40)
    (run,) = workplace.runs()
    assert yaml.safe_load(run.config.read_bytes())["lora_parameters"]["rank"] == 6

    deck.send(CTRL["q"])
    deck.wait_for("A run goes on", "Leave it running")
    deck.send(ENTER)
    assert deck.wait_for_exit() == 0
    deck.assert_restored()
    assert f"tunedeck attach {run.id}" in deck.raw.decode()
    left_at = iteration_shown(deck.text())

    wait_for(lambda: len(steps(run)) > left_at + 20)
    again = open_terminal("train.yaml", columns=140)
    screen = again.wait_until(lambda screen: iteration_shown(screen) > left_at + 20, "the run that went on")
    assert run.id in screen
    again.send(HOME)
    again.wait_for("at the cursor")
    first = steps(run)[0]
    assert readout(again.text()) == (1, f"{first.loss:.3f}")

    again.send(CTRL["x"])
    again.wait_for("Stop this run?", run.id)
    again.send("\x1b[C\r")
    again.wait_for("■ stopped at iteration", timeout=30)
    wait_for(run.exit.exists)
    assert summarize(run).state == "stopped"
    assert (workplace.folder / "adapters" / "adapters.safetensors").stat().st_size > 0

    again.send(CTRL["q"])
    assert again.wait_for_exit() == 0
    again.assert_restored()
    assert b"goes on" not in again.raw
