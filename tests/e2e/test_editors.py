"""The two editors in a terminal, their keys in bursts, down to the file that plain mlx-lm reads."""

import pytest
import yaml

from tests.e2e.job import job
from tests.terminal import CTRL, DOWN, ENTER, RIGHT, open_terminal, workplace  # noqa: F401
from tests.tiny import tiny  # noqa: F401


@pytest.mark.slow
def test_a_schedule_and_modules_are_chosen_and_saved(workplace, open_terminal, tiny):  # noqa: F811
    file = workplace.write("train.yaml", job(tiny))
    deck = open_terminal("train.yaml")
    deck.wait_for(" model  text")
    _find(deck, "lr_schedule")
    deck.send(ENTER)
    deck.wait_for("Learning rate by iteration", "‹constant›")
    deck.send(RIGHT + RIGHT + DOWN + "2e-3" + DOWN + "1e-6")
    deck.wait_for("‹cosine›", "peak 0.002")
    deck.send(ENTER)
    deck.wait_for("name: cosine_decay", "0.002")
    _find(deck, "lora_parameters.keys")
    deck.send(ENTER)
    deck.wait_for("Modules that get an adapter", "✓ self_attn.q_proj", timeout=60)
    deck.send("t" + DOWN + " " + ENTER)
    deck.wait_for(".v_proj, self_attn.o_proj")
    deck.send(CTRL["s"])
    deck.wait_for("keys: [self_attn.q_proj")
    deck.send(ENTER)
    deck.wait_for("Saved train.yaml")
    saved = yaml.safe_load(file.read_text())
    assert saved["lora_parameters"]["keys"] == [f"self_attn.{name}_proj" for name in "qvo"]
    assert saved["lr_schedule"]["name"] == "cosine_decay" and saved["lr_schedule"]["arguments"][0] == 0.002


def _find(deck, key: str) -> None:
    deck.send(CTRL["f"])
    deck.wait_for("Find a parameter")
    deck.send(key + ENTER)
    deck.wait_for(f" {key}  ")
