"""Everything by the mouse alone: places, fields, words, steps, keys of the key bar, and the way out."""

from tests.e2e.job import job
from tests.terminal import open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401


def test_a_training_is_set_up_saved_and_left_without_a_key(workplace, open_terminal, tiny):  # noqa: F811
    file = workplace.write("train.yaml", job(tiny) + "fine_tune_type: lora\ngrad_checkpoint: false\n")
    deck = open_terminal("train.yaml", columns=130)
    deck.wait_for("training rows   150", "^s Save")

    deck.click("Method")
    deck.wait_for("Method · train.yaml", "‹lora› dora full")
    deck.click("dora", beside="‹lora›")
    deck.wait_for("lora ‹dora› full", "● typed")

    deck.click("Hyperparameters")
    deck.wait_for("Hyperparameters · train.yaml")
    deck.click("Batch size")
    deck.wait_for("batch_size  ")
    deck.click("›", beside="Batch size")
    deck.wait_for("effective batch 8")
    deck.click("‹", beside="Batch size")
    deck.wait_for("effective batch 4")

    deck.click("^d")
    deck.wait_for("‹Findings›")
    deck.click("YAML")
    deck.wait_for("‹YAML›", "+ fine_tune_type: dora")
    deck.click("^s")
    deck.wait_for("Save train.yaml", "+fine_tune_type: dora")
    deck.click("Save", beside="Cancel")
    deck.wait_for("Saved train.yaml")
    assert "fine_tune_type: dora" in file.read_text() and "batch_size: 4" in file.read_text()

    deck.click("^q")
    assert deck.wait_for_exit() == 0
    deck.assert_restored()
