"""The Presets screen: what would change is seen first, and comes and goes as one."""

import pytest

from app.config.presets import user_folder
from tests.ui.apps import app_on, click, facts, hears, press, ready, screen_text, sees, values
from tests.ui.models import SMALL, model_folder

SIZE = (100, 30)
STYLE = ["down", "down", "down"]


@pytest.fixture
async def presets(folder):
    async with app_on(folder, place="presets").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "Anti-forgetting")
        yield pilot


def own_preset(name: str, text: str) -> None:
    folder = user_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(text)


def lines(pilot) -> list[str]:
    return [line.partition("│")[2].strip() for line in screen_text(pilot.app).splitlines()]


def line_of(pilot, start: str) -> str:
    """The line that begins so: a preset that is applied has its mark before its name."""
    found = [line for line in lines(pilot) if line.startswith(start)]
    assert found, screen_text(pilot.app)
    return found[0]


async def test_what_would_change_is_shown_with_its_reason_before_it_does(presets):
    await presets.press("down", "down")
    await sees(presets, "lora_parameters.rank", "8 → 16", "Higher rank", "num_layers", "12 → 16", "More layers")
    assert "grad_checkpoint" in screen_text(presets.app) and "If you have memory" in screen_text(presets.app)
    assert values(presets.app)["lora_parameters.rank"] == 8 and not presets.app.is_dirty


async def test_what_stands_so_already_is_told_apart(presets):
    shown = screen_text(presets.app)
    assert shown.index("800 → 512") < shown.index("Already so") < shown.index("grad_checkpoint")


async def test_enter_applies_and_one_undo_takes_all_of_it_back(presets):
    before = dict(values(presets.app))
    await press(presets, "down", "down", "enter")
    await hears(presets, "Max quality: 6 values changed. Undo takes it back as one.")
    assert values(presets.app)["lora_parameters.rank"] == 16 and values(presets.app)["grad_checkpoint"] is False
    assert line_of(presets, "✓ Max quality") and presets.app.is_dirty
    await sees(presets, "Nothing to change: every value is as this preset has it.")
    await press(presets, "ctrl+z")
    assert dict(values(presets.app)) == before and not presets.app.is_dirty
    assert line_of(presets, "Max quality")
    await press(presets, "ctrl+y")
    assert line_of(presets, "✓ Max quality")


async def test_the_forms_say_that_a_value_is_a_presets(presets):
    await press(presets, *STYLE, "enter")
    await presets.app.go_to_field("grad_accumulation_steps")
    await sees(presets, "preset")


async def test_a_preset_on_top_of_another_names_what_it_undoes(presets):
    await press(presets, "enter", "down", "down")
    await sees(presets, "▲ num_layers: Max quality makes it 16, where 16GB had 12.")
    await press(presets, "enter")
    assert line_of(presets, "✓ 16GB") and line_of(presets, "✓ Max quality")
    assert values(presets.app)["num_layers"] == 16


async def test_a_click_shows_and_another_applies(presets):
    await click(presets, 30, lines(presets).index(line_of(presets, "Style")))
    await sees(presets, "Nothing to change")
    assert not presets.app.session.snapshot.presets
    await click(presets, 30, lines(presets).index(line_of(presets, "Style")))
    await hears(presets, "Style:")


async def test_layers_are_no_more_than_the_model_has(folder):
    model_folder(folder / "shallow", SMALL | {"num_hidden_layers": 4})
    text = "model: shallow\ndata: rows\ntrain: true\nnum_layers: 2\n"
    async with app_on(folder, text, place="presets").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await facts(pilot)
        await sees(pilot, "2 → 4", "12 is more than the model's 4")


async def test_ones_own_presets_are_listed_with_their_file(folder):
    own_preset("mine", "preset: {name: Mine, summary: My own.}\nlearning_rate: 3e-4\n")
    async with app_on(folder, place="presets").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "My own.")
        await press(pilot, "end")
        await sees(pilot, "1e-5 → 0.0003", "presets/mine.yaml")
        await press(pilot, "enter")
        assert values(pilot.app)["learning_rate"] == 3e-4


async def test_a_preset_that_cannot_be_read_is_complained_of_and_hides_no_other(folder):
    own_preset("bad", "preset: {name: Bad}\nbatch_size: many\n")
    async with app_on(folder, place="presets").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "▲", "bad.yaml", "16GB")


async def test_tab_leads_to_the_places_and_back(presets):
    await presets.press("tab")
    assert presets.app.screen.places.has_focus
    await presets.press("tab")
    assert presets.app.screen.list.has_focus
