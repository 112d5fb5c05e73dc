"""The Review screen: four views of what is about to be saved and trained."""

import pytest

from tests.ui.apps import REFERENCE, app_on, click, hears, press, ready, screen_text, sees, until, values

SIZE = (100, 30)
WRONG = REFERENCE.replace("save_every: 500", "save_every: 5000").replace("seed: 42", "seed: x")

SOUND = """\
model: owner/m
data: rows
train: true
batch_size: 1
max_seq_length: 1024
grad_accumulation_steps: 8
grad_checkpoint: true
lora_parameters: {rank: 8, scale: 1.0, dropout: 0.0}
"""


@pytest.fixture
async def review(folder):
    async with app_on(folder, place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "‹Findings›")
        yield pilot


async def test_the_summary_counts_and_says_whether_it_is_saved(review):
    await sees(review, "▲ 1 warning", "train.yaml, saved", "duration not known yet")
    review.app.session.edit("iters", "x")
    await sees(review, "✗ 1 error", "train.yaml, ● not saved")


async def test_nothing_wrong_is_said_too(folder):
    async with app_on(folder, SOUND, place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "✓ no errors, no warnings")


async def test_every_finding_is_told_worst_first(folder):
    async with app_on(folder, WRONG, place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        shown = await sees(pilot, "✗ seed:", "▲ line 10: mlx-lm ignores lora_rank", "can be mended: press m")
        assert shown.index("✗ seed:") < shown.index("▲ line 10")


async def test_the_yaml_shows_what_saving_adds_and_takes(review):
    review.app.session.edit("iters", "77")
    await review.press("right")
    await sees(review, "‹YAML›", "+ lora_parameters:", "  # LoRA configuration")
    await press(review, "end")
    await sees(review, "- iters: 1600", "+ iters: 77")


async def test_the_values_tell_origin_change_and_what_plain_mlx_lm_would_take(review):
    review.app.session.edit("iters", "77")
    await review.press("right", "right")
    await sees(review, "‹Values›", "Model & data", "HuggingFaceTB/SmolLM3-3B")
    await until(review, lambda: _scrolled_to(review, "lora_parameters.scale"))
    lines = screen_text(review.app).splitlines()
    y = next(y for y, line in enumerate(lines) if "lora_parameters.scale" in line)
    assert "1.0" in lines[y] and "plain mlx-lm" in lines[y + 1] and lines[y + 1].endswith(": 20.0")
    await press(review, "end", "pageup")
    await sees(review, "● iters", ": 1600", "typed", "default")


def _scrolled_to(pilot, text: str) -> bool:
    if text in screen_text(pilot.app):
        return True
    pilot.app.screen.action_scroll(3)
    return False


async def test_the_commands_say_what_no_flag_can(review):
    await review.press("left")
    await sees(review, "‹Command›", "mlx_lm.lora -c train.yaml", "mlx_lm.lora --model", "▲ No flag can say")


async def test_views_follow_each_other_round_by_tab_space_and_the_mouse(review):
    for view in ("YAML", "Values", "Command", "Findings"):
        await review.press("tab")
        await sees(review, f"‹{view}›")
    await review.press("shift+tab")
    await sees(review, "‹Command›")
    await review.press("space")
    await sees(review, "‹Findings›")
    line = screen_text(review.app).splitlines()[1]
    await click(review, line.index("Values") + 2, 1)
    await sees(review, "‹Values›")


async def test_a_view_begins_at_its_top(review):
    await review.press("right", "right", "end")
    await until(review, lambda: review.app.screen.query_one("#view").scroll_y > 0)
    await review.press("right")
    await sees(review, "With the file")


async def test_coming_back_looks_at_the_file_anew(review, folder):
    review.app.session.edit("iters", "77")
    await press(review, "ctrl+s")
    await sees(review, "Save train.yaml")
    await press(review, "enter")
    await sees(review, "train.yaml, saved")
    await press(review, "ctrl+t")
    await press(review, "ctrl+d", "right")
    await sees(review, "‹YAML›", "  lora_parameters:")
    assert "- iters" not in screen_text(review.app)


async def test_a_finding_is_mended_by_its_key_and_one_undo_takes_it_back(folder):
    async with app_on(folder, WRONG, place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        before = dict(values(pilot.app))
        await press(pilot, "m")
        await sees(pilot, "Let this be mended")
        fixes = [finding.fix for finding in pilot.app.session.snapshot.findings if finding.fix]
        await press(pilot, "down", "enter")
        changed = {key: value for key, value in values(pilot.app).items() if before[key] != value}
        assert set(dict(fixes[1].edits)) & set(changed)
        await press(pilot, "ctrl+z")
        assert dict(values(pilot.app)) == before


async def test_where_nothing_can_be_mended_it_says_so(folder):
    async with app_on(folder, SOUND, place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "m")
        await hears(pilot, "can be mended by a key")


async def test_a_translation_is_undone_by_the_key_that_mends(folder):
    async with app_on(folder, SOUND + "lora_layers: 4\n", place="review").run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "lora_layers; Tunedeck reads it as num_layers 4", "1 of these can be mended: press m")
        await pilot.press("m")
        await sees(pilot, "Let this be mended", "undo: num_layers 16")
        await press(pilot, "enter")
        await until(pilot, lambda: pilot.app.session.snapshot.config.values["num_layers"] == 16)
        await sees(pilot, "● not saved")
        assert not pilot.app.session.snapshot.notices
