"""A first hour with the mouse alone in 80 x 24: keys go only into fields that want text, and never Enter or Tab."""

import shutil
import time

import pytest
import yaml

from app.runs.listing import summarize
from tests.e2e.job import curve_cells, iteration_shown, job
from tests.terminal import BACKSPACE, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401

SMALL = {"columns": 80, "lines": 24}
WHEEL_UP, WHEEL_DOWN = 64, 65

pytestmark = pytest.mark.slow


def test_from_nothing_to_a_saved_file(workplace, open_terminal, tiny):  # noqa: F811
    shutil.copytree(tiny / "model", workplace.folder / "tiny model")
    shutil.copytree(tiny / "data", workplace.folder / "rows")
    deck = open_terminal(**SMALL)
    begin(deck)
    fill_in(deck)
    mend(deck)
    find(deck)
    choose_a_preset(deck)
    choose_a_theme(deck)
    review_and_save(deck)
    saved = yaml.safe_load((workplace.folder / "mine.yaml").read_text())
    assert (saved["fine_tune_type"], saved["optimizer"], saved["num_layers"]) == ("dora", "muon", 2)
    assert (saved["test"], saved["val_batches"], saved["lora_parameters"]["rank"]) == (True, 50, 8)
    leave(deck)


def begin(deck) -> None:
    deck.wait_for("paste, drop or type a path")
    deck.click("New, from model and data")
    deck.wait_for("Models on this computer")
    deck.click("tiny model")
    deck.wait_for("The folder with train.jsonl")
    deck.send("rows")
    deck.click("Enter takes it")
    deck.wait_for("Model & data · new configuration  ● edited", "epochs 2 · updates 150")


def fill_in(deck) -> None:
    """A switch, a stepper, words with room for all and without, and numbers typed, of which one cannot stand."""
    go(deck, "Evaluation")
    deck.click("●── false")
    deck.wait_for("━━● true", "● typed")
    deck.click("Validation batches")
    deck.wait_for("val_batches  integer")
    deck.click("›", beside="Validation batches")
    deck.wait_for("Validation batches  50 ")
    go(deck, "Method")
    deck.click("dora", beside="‹lora›")
    deck.wait_for("lora ‹dora› full")
    go(deck, "Optimizer")
    deck.click("‹adamw› 2 of 5")
    deck.wait_for("‹muon› 3 of 5")
    go(deck, "LoRA")
    deck.click("Rank")
    deck.wait_for("lora_parameters.rank (lora_rank)  integer")
    deck.send("6")
    deck.wait_for("Rank                6 ")
    deck.click("Layers")
    deck.wait_for("num_layers  integer")
    deck.send("99")
    deck.wait_for("✗ num_layers 99 is more", "· ✗ 1 ·")


def mend(deck) -> None:
    deck.click("✗ 1")
    deck.wait_for("Review · ", "✗ 1 error")
    deck.click("click here")
    deck.wait_for("Let this be mended")
    deck.click("num_layers 2")
    deck.wait_until(lambda screen: "Let this" not in screen and "✗" not in screen, "no error left")


def find(deck) -> None:
    deck.click("^f Find")
    deck.wait_for("Find a parameter", "Hub dataset", "Esc leaves")
    deck.send("learning_rate")
    deck.click("Learning rate")
    deck.wait_for("Hyperparameters · ", "learning_rate  number")


def choose_a_preset(deck) -> None:
    """It is seen before it is applied, taken back, and applied again."""
    go(deck, "Presets")
    deck.click("Style  ")
    deck.wait_for("Style  Learns a way of writing", "applies it as one step")
    deck.click("Style  ")
    deck.wait_for("✓ Style", "values changed. Undo takes it back")
    deck.click("^z Undo")
    deck.wait_until(lambda screen: "✓ Style" not in screen and "Taken back" in screen, "the preset taken back")
    deck.click("Style  ")
    deck.wait_for("✓ Style")


def choose_a_theme(deck) -> None:
    """One is only looked at, another is taken."""
    before = deck.background
    themes(deck)
    deck.click("gruvbox")
    deck.wait_until(lambda _: deck.background != before, "the theme as it is looked at")
    deck.click("Esc leaves")
    deck.wait_until(lambda screen: "Esc leaves" not in screen and deck.background == before, "the old colours")
    themes(deck)
    deck.click("dracula")
    deck.click("Enter takes")
    deck.wait_until(lambda screen: "Esc leaves" not in screen and deck.background != before, "other colours")


def review_and_save(deck) -> None:
    go(deck, "Review")
    for view, shown in (("YAML", "# Model & data:"), ("Values", "prompt_feature"), ("Command", "With flags alone")):
        deck.click(view, beside="Findings")
        deck.wait_for(f"‹{view}›", shown)
    deck.click("^s Save")
    deck.wait_for("Save as", "Esc leaves")
    deck.send(BACKSPACE * len("train.yaml") + "mine.yaml")
    deck.click("Enter takes it")
    deck.wait_for("Saved mine.yaml", "mine.yaml, saved")


def test_a_typed_path_is_opened_and_what_has_no_room_is_a_click_away(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal(**SMALL)
    deck.wait_for("paste, drop or type a path")
    deck.send("./train.yaml")
    deck.click("click here", beside="what is typed")
    deck.wait_for("Model & data · ", "^k Reset")

    deck.click("^g Go")  # whatever has a letter can be clicked
    deck.wait_for("b  Model & data", "q Hub dataset")
    deck.click("Hyperparameters")
    deck.wait_for("Hyperparameters · ", "learning_rate  number")
    deck.click("^g Go")
    deck.wait_for("A letter goes there")
    deck.click("Iterations")
    deck.wait_for("iters  integer")
    deck.click("iters  integer")  # the help that has no room below the form
    deck.wait_for("Help", "Batches to train on", "Keys (^ is Ctrl")
    close(deck)
    palette(deck, "side panel", "Show or hide the panel")
    deck.wait_for("▪ Memory", "▪ Derived", "training rows   150")
    close(deck)

    go(deck, "Presets")
    deck.click("Max quality")
    deck.wait_for("Max quality  Longer rows")
    deck.click("Max quality")
    deck.wait_for("✓ Max quality", "Undo takes it back")
    deck.click("^s Save")
    deck.wait_for("+max_seq_length: ", "Cancel", timeout=4)  # what was said just now would lie there for 8 s
    deck.click("Cancel")
    deck.wait_until(lambda screen: "Cancel" not in screen, "the question gone")
    deck.click("^q Quit")
    deck.wait_for("Unsaved changes")
    deck.click("Discard")
    assert deck.wait_for_exit() == 0
    deck.assert_restored()


def test_a_run_is_started_watched_left_for_the_forms_and_stopped(workplace, open_terminal, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml", **SMALL)
    deck.wait_for("^k Reset", "effective b")
    deck.click("^r Run")
    deck.wait_until(lambda screen: iteration_shown(screen) > 20 and curve_cells(screen) > 30, "a curve", 40)
    (run,) = workplace.runs()
    deck.click("┈┈┈")
    deck.wait_for("┃  iteration")
    deck.click("┃  iteration")
    deck.wait_until(lambda screen: "┃  iteration" not in screen, "the latest iteration again")
    wheel(deck, WHEEL_UP)
    deck.wait_until(lambda screen: first_of_axis(screen) != "0", "a part of the run")
    wheel(deck, WHEEL_DOWN, 3)
    deck.wait_until(lambda screen: first_of_axis(screen) == "0", "all of the run")

    deck.click("^g Go")
    deck.wait_for("g  Monitoring")
    deck.click("Monitoring")
    deck.wait_for("Monitoring · ", "▶ training")
    deck.click("Train", beside="   Train")
    deck.wait_for("tokens/s", "^x Stop and save")
    deck.click("^x Stop and save")
    deck.wait_for("Stop this run?")
    deck.click("Stop and save", beside="Go on training")
    deck.wait_for("■ stopped at iteration", timeout=30)
    wait_for(run.exit.exists)
    assert summarize(run).state == "stopped"
    assert (workplace.folder / "adapters" / "adapters.safetensors").stat().st_size > 0

    deck.wait_for("^r Run  r Resume  ^t Forms")
    deck.click("^t Forms")
    deck.wait_for("Monitoring · ", "■ stopped", "^k Reset")
    leave(deck)


def leave(deck) -> None:
    deck.click("^q Quit")
    assert deck.wait_for_exit() == 0
    deck.assert_restored()


def close(deck) -> None:
    """A text that lies over the screen."""
    deck.click("Esc closes")
    deck.wait_until(lambda screen: "Esc closes" not in screen, "the text gone")


def go(deck, place: str) -> None:
    """By the list of places."""
    deck.click(place)
    deck.wait_for(f"{place} · ")


def palette(deck, typed: str, help: str) -> None:
    """A command by its help's words in the palette, which is narrowed by typing."""
    deck.click("^p Palette")
    deck.wait_for("Search for commands")
    deck.send(typed)
    deck.wait_for(help)
    before = ""
    while before != (before := deck.text()):  # its lines go on moving while letters narrow it
        time.sleep(0.3)
    deck.click(help)


def themes(deck) -> None:
    palette(deck, "theme", "Choose the colours")
    deck.wait_for("type to narrow the list", "gruvbox", "Esc leaves")


def wheel(deck, way: int, notches: int = 1) -> None:
    """Over the middle of the screen, as SGR reports."""
    deck.send(f"\x1b[<{way};40;10M" * notches)


def first_of_axis(screen: str) -> str:
    """The iteration at the left end of the chart."""
    lines = screen.splitlines()
    axis = next((n for n, line in enumerate(lines) if "└" in line and "┬" in line), None)
    return lines[axis + 1].split()[0] if axis is not None else ""
