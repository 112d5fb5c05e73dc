"""The picker of LoRA modules: the model's own, what training them comes to, and what becomes of the keys."""

import time

import pytest

from app.engine.module_tree import tree_of
from app.engine.tracing.from_config import model_of
from app.ui.screens.modules import Modules
from tests.models.architectures import config_of
from tests.ui.apps import REFERENCE, app_on, at, click, facts, hears, press, ready, screen_text, sees, until, values
from tests.ui.models import knows_modules, three_models

SIZE = (80, 24)
KEYS = "lora_parameters.keys"


@pytest.fixture
async def lora(folder):
    """On the Modules field of a model whose modules are known."""
    three_models()
    async with app_on(folder, place="lora").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await facts(pilot)
        knows_modules(pilot.app)
        await at(pilot, KEYS)
        yield pilot


async def opened(pilot) -> None:
    await press(pilot, "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Modules))


async def test_modules_are_taken_out_and_in_with_the_count_live(lora):
    await opened(lora)
    await sees(lora, "last 12 of 36 layers · rank 8 · lora", "✓ self_attn.q_proj", "11008", "5,038,080 trainable",
               "0.164 %", "without any keys")  # fmt: skip
    await press(lora, "space")
    await sees(lora, "· self_attn.q_proj", "4,644,864 trainable")
    await press(lora, "t")
    await sees(lora, "1,277,952 trainable", "· mlp.up_proj")
    await press(lora, "down", "space", "enter")
    assert values(lora.app)[KEYS] == ["self_attn.q_proj", "self_attn.v_proj", "self_attn.o_proj"]
    await press(lora, "ctrl+z")
    assert values(lora.app)[KEYS] is None and not lora.app.is_dirty


async def test_all_is_written_as_no_keys_and_nothing_at_all_is_refused(lora):
    lora.app.session.edit(KEYS, "self_attn.q_proj")
    await opened(lora)
    await press(lora, "n", "enter")
    await sees(lora, "✗ Nothing would be trained")
    await press(lora, "a", "enter")
    assert values(lora.app)[KEYS] is None


async def test_no_change_keeps_the_file_as_it_is_even_where_it_names_all(lora):
    await opened(lora)
    await press(lora, "space", "space", "enter")
    assert not lora.app.is_dirty and not lora.app.screen.is_modal
    await opened(lora)
    await press(lora, "n", "escape")
    assert not lora.app.is_dirty


async def test_keys_of_the_file_that_match_nothing_are_shown_and_can_be_taken_out(lora):
    lora.app.session.edit(KEYS, "v_proj, self_attn.q_proj")
    await opened(lora)
    await sees(lora, "Other keys of the file", "✓ v_proj", "▲ matches nothing here")
    await press(lora, "end")
    await sees(lora, "self_attn.v_proj was meant?")
    await press(lora, "space", "enter")
    assert values(lora.app)[KEYS] == ["self_attn.q_proj"]


async def test_the_mouse_toggles_and_applies(lora):
    await opened(lora)
    await click(lora, *_place(lora.app, "mlp.up_proj"))
    await click(lora, *_place(lora.app, "Enter applies"))
    assert len(values(lora.app)[KEYS]) == 6 and "mlp.up_proj" not in values(lora.app)[KEYS]


async def test_it_can_be_given_up_while_the_model_is_built_and_names_what_a_method_refuses(folder, monkeypatch):
    tree = tree_of(model_of(config_of("qwen3_moe")))

    def learn(name, start, trusts, cancelled):
        while not cancelled() and len(asked) == 1:
            time.sleep(0.01)
        return None if cancelled() else tree

    asked = []
    monkeypatch.setattr("app.ui.actions.module_choice.learn_modules", lambda *all: asked.append(all) or learn(*all))
    text = REFERENCE.replace("num_layers: 12", "num_layers: 2").replace("use_dora: false", "use_dora: true")
    async with app_on(folder, text, place="lora").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at(pilot, KEYS)
        await press(pilot, "enter")
        await sees(pilot, "building the model without its weights", "Esc gives it up")
        await press(pilot, "escape")
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        await opened(pilot)
        await sees(pilot, "4 × 64 → 64", "last 2 of 3 layers", "mlx-lm refuses dora for mlp.switch_mlp.gate_proj")


async def test_a_model_that_is_not_here_is_a_sentence(folder):
    async with app_on(folder, place="lora").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await at(pilot, KEYS)
        await press(pilot, "enter")
        await hears(pilot, "HuggingFaceTB/SmolLM3-3B is not on this computer")


def _place(app, text: str) -> tuple[int, int]:
    lines = screen_text(app).splitlines()
    return next((line.index(text), y) for y, line in enumerate(lines) if text in line)
