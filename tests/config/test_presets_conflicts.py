"""Stacked presets: the later wins, and what it undoes is named."""

import pytest

from app.config.preset_conflicts import conflicts
from tests.config.preset_files import SHIPPED, preset_of


def found(folder, *texts, depth=None):
    *earlier, later = (
        preset_of(folder, f"preset: {{name: {name}}}\n{text}\n", f"{name}.yaml")
        for name, text in zip("ABCD", texts, strict=False)
    )
    return [(one.key, one.earlier.name, one.before, one.after) for one in conflicts(earlier, later, depth)]


def test_the_shipped_ones_that_are_meant_to_be_stacked_agree():
    assert not conflicts([SHIPPED["16gb"]], SHIPPED["anti-forgetting"])
    assert not conflicts([SHIPPED["16gb"], SHIPPED["anti-forgetting"]], SHIPPED["style"])


def test_memory_and_quality_do_not():
    told = conflicts([SHIPPED["16gb"], SHIPPED["anti-forgetting"]], SHIPPED["max-quality"])
    assert {(one.key, one.earlier.id) for one in told} == {
        ("batch_size", "16gb"),
        ("grad_checkpoint", "16gb"),
        ("num_layers", "anti-forgetting"),
        ("lora_parameters.rank", "anti-forgetting"),
        ("lora_alpha", "anti-forgetting"),
    }
    assert str(told[0]) == "batch_size: Max quality makes it 2, where 16GB had 1."


def test_nothing_conflicts_with_nothing_or_with_itself():
    for preset in SHIPPED.values():
        assert not conflicts([], preset) and not conflicts([preset], preset)


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("batch_size: 2", "seed: 3", []),
        ("batch_size: 2", "batch_size: 2", []),
        ("batch_size: 2", "batch_size: 3", [("batch_size", "A", 2, 3)]),
        ("batch_size: 2", "batch_size: {range: [1, 4], take: largest-that-fits}", []),
        ("batch_size: 5", "batch_size: {range: [1, 4], take: largest-that-fits}", [("batch_size", "A", 5, 1)]),
        ("batch_size: {range: [1, 2], take: low}", "batch_size: {range: [2, 4], take: low}", []),
        (
            "batch_size: {range: [1, 2], take: low}",
            "batch_size: {range: [3, 4], take: low}",
            [("batch_size", "A", 1, 3)],
        ),
        ("lora_rank: 8\nlora_alpha: 8", "lora_rank: 16", [("lora_parameters.rank", "A", 8, 16)]),
        ("lora_rank: 8\nlora_alpha: 8", "lora_parameters.scale: 2.0", [("lora_alpha", "A", 8, 16)]),
        ("lora_rank: 8\nlora_alpha: 8", "lora_parameters.scale: 1.0", []),
        ("lora_parameters.scale: 2.0", "lora_alpha: 8", [("lora_parameters.scale", "A", 2.0, 1.0)]),
        ("lora_parameters.scale: 2.0", "lora_rank: 16", []),
        ("use_dora: true", "fine_tune_type: lora", [("use_dora", "A", True, False)]),
        ("use_dora: true", "fine_tune_type: dora", []),
    ],
)
def test_what_counts_as_one(tmp_path, earlier, later, expected):
    assert found(tmp_path, earlier, later) == expected


def test_the_last_to_set_it_is_named(tmp_path):
    assert found(tmp_path, "seed: 1", "seed: 2", "batch_size: 2", "seed: 1") == [("seed", "B", 2, 1)]


def test_a_setting_that_was_undone_before_is_not_named_again(tmp_path):
    undone = ("lora_rank: 8\nlora_alpha: 8", "lora_parameters.scale: 2.0")
    assert found(tmp_path, *undone, "lora_alpha: 4") == [("lora_parameters.scale", "B", 2.0, 0.5)]


def test_layers_beyond_the_models_depth_come_to_the_same(tmp_path):
    assert found(tmp_path, "num_layers: 12", "num_layers: 16") == [("num_layers", "A", 12, 16)]
    assert found(tmp_path, "num_layers: 12", "num_layers: 16", depth=8) == []
