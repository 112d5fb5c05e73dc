"""Files with something wrong, opened and mended in a terminal; saves that cannot be, and lose nothing."""

import pytest

from tests.e2e.job import job
from tests.terminal import CTRL, DOWN, END, ENTER, ESCAPE, RIGHT, UP, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401


def test_a_value_that_cannot_stand_is_pointed_out_and_mended(workplace, open_terminal, tiny):  # noqa: F811
    text = job(tiny, iters="1e3") + "learning_rat: 1e-4\n"
    file = workplace.write("train.yaml", text)
    deck = open_terminal("train.yaml")
    deck.wait_for("✗ Hyperparameters", "iters: This wants a whole number", "learning_rate")
    deck.send(CTRL["r"])
    deck.wait_for("This cannot train yet", "iters: This wants a whole number")
    deck.send(ESCAPE)
    deck.wait_until(lambda screen: "This cannot train yet" not in screen, "the question gone")
    for key in ("fine_tune_type", "optimizer", "num_layers", "learning_rate"):
        deck.send(CTRL["n"])
        deck.wait_for(f" {key}  ")
    deck.send(DOWN)
    deck.wait_for(" lr_schedule  ")
    deck.send("\t")
    deck.wait_for(" batch_size  ")
    deck.send(DOWN)
    deck.wait_for(" iters  ")
    deck.send("20")
    deck.wait_until(lambda screen: "✗" not in screen, "no error left")
    deck.send(CTRL["s"])
    deck.wait_for("-iters: 1e3", "+iters: 20")
    deck.send(ENTER)
    deck.wait_for("Saved train.yaml")
    assert file.read_text() == text.replace("1e3", "20")


def edited(deck):
    deck.wait_for(" model  text")
    deck.send(END + "!")
    deck.wait_for("● edited")


def test_a_read_only_file_is_saved_under_another_name(workplace, open_terminal, tiny):  # noqa: F811
    file = workplace.write("train.yaml", job(tiny))
    file.chmod(0o444)
    deck = open_terminal("train.yaml")
    edited(deck)
    deck.send(CTRL["s"])
    deck.wait_for("Save train.yaml")
    deck.send(ENTER)
    deck.wait_for("read-only", "● edited")
    assert file.read_text() == job(tiny)

    deck.send(CTRL["p"])
    deck.wait_for("Search for commands")
    deck.send("save as")
    deck.wait_until(lambda screen: "Write the YAML under another name" in screen, "the palette's entry")
    deck.send(ENTER)
    deck.wait_for("completes")
    deck.send("\x7f" * len("train.yaml") + "other.yaml" + ENTER)
    deck.wait_for("Saved other.yaml")
    assert (workplace.folder / "other.yaml").read_text() == job(tiny).replace("/model ", "/model! ")
    deck.send(CTRL["q"])
    assert deck.wait_for_exit() == 0


@pytest.mark.parametrize("key", [ESCAPE, "q"])
def test_a_file_that_changed_meanwhile_is_not_run_over(workplace, open_terminal, tiny, key):  # noqa: F811
    file = workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml")
    edited(deck)
    theirs = job(tiny) + "# somebody else was here\n"
    file.write_text(theirs)
    deck.send(CTRL["s"])
    deck.wait_for("train.yaml changed on disk", "+# somebody else was here")
    deck.send(key)
    deck.wait_until(lambda screen: "changed on disk" not in screen, "the question gone")
    assert file.read_text() == theirs
    deck.wait_for("● edited")


def test_keys_typed_in_one_burst_land_where_they_were_meant(workplace, open_terminal, tiny):  # noqa: F811
    """A slow link delivers many keys at once."""
    file = workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml")
    deck.wait_for(" model  text")
    deck.send(CTRL["n"] * 3)
    deck.wait_for(" num_layers  ")
    deck.send("1" + DOWN + "5" + DOWN + DOWN + "3" + CTRL["s"])
    deck.wait_for("+num_layers: 1", "rank: 5, scale: 3")
    deck.send(ENTER)
    deck.wait_for("Saved train.yaml")
    assert "rank: 5, scale: 3" in file.read_text()


def test_a_burst_goes_through_words_and_lines_too(workplace, open_terminal, tiny):  # noqa: F811
    """From a text over words to choose to the next text, and back: what takes the keys changes with each field."""
    file = workplace.write("train.yaml", job(tiny) + "test: false\n")
    deck = open_terminal("train.yaml")
    deck.wait_for("^s Save", " model  text")
    deck.send(END + "1" + DOWN + RIGHT + "\t" + END + "2" + UP + RIGHT + UP + END + "3" + CTRL["s"])
    deck.wait_for("Save train.yaml", "/model13 ", "/data2")
    deck.send(ENTER)
    deck.wait_for("Saved train.yaml")
    text = file.read_text()
    assert f"model: {tiny}/model13 " in text and f"data: {tiny}/data2" in text and "train: true" in text


def test_what_is_typed_behind_a_key_that_opens_a_list_goes_into_the_list(workplace, open_terminal, tiny):  # noqa: F811
    """Else a slow link would write it into the field that has the cursor, and it would train."""
    workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml")
    deck.wait_for("^s Save", " model  text")
    deck.send(CTRL["f"] + "lora_rank" + ENTER)
    deck.wait_for(" lora_parameters.rank (lora_rank)")
    deck.send(CTRL["g"] + "f")
    deck.wait_for("Hyperparameters · train.yaml")
    deck.send(CTRL["p"] + "seed")
    deck.wait_for("seed Seed")
    deck.send(ENTER)
    deck.wait_for("Advanced · train.yaml", " seed  ")
    assert "edited" not in deck.text()
