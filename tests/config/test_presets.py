"""The starting points that ship: each must open without a word and say what the reference recommends."""

from pathlib import Path

import pytest

from app.config.dialect import resolve
from app.config.document import read
from app.config.stock import differences

PRESETS = Path(__file__).parents[2] / "presets"
RECOMMENDED = {
    "16gb": {"batch_size": 1, "grad_checkpoint": True, "num_layers": 12, "grad_accumulation_steps": 8},
    "anti-forgetting": {"learning_rate": 1e-5, "lora_parameters.rank": 8, "lora_alpha": 8, "num_layers": 12},
    "style": {"learning_rate": 1e-5, "lora_alpha": 8, "lora_parameters.dropout": 0.1},
    "max-quality": {"num_layers": 16, "lora_parameters.rank": 16, "lora_alpha": 16, "grad_checkpoint": False},
}


def test_the_four_of_the_reference_are_there():
    assert {path.stem for path in PRESETS.glob("*.yaml")} == set(RECOMMENDED)


@pytest.mark.parametrize("name", sorted(RECOMMENDED))
def test_a_preset_trains_under_mlx_lm_what_the_reference_says(name):
    document = read(PRESETS / f"{name}.yaml")
    resolution = resolve(document)
    assert not resolution.notices and not resolution.problems
    assert not differences(document, resolution.config)
    assert {key: resolution.config.values[key] for key in RECOMMENDED[name]} == RECOMMENDED[name]
