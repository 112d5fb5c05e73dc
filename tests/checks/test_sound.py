"""No false alarms: configurations that people train with, well, get notes at most."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.checks.rules import check
from app.config.config import ALPHA, DROPOUT, RANK, SCALE, Config
from app.config.dialect import resolve
from app.config.document import parse, read
from app.data.rows import RowCounts
from tests.checks.configurations import GB, config_of, context_of
from tests.config.fixtures.reference import COMPLETE_EXAMPLE

ROOT = Path(__file__).parents[2]

MLX_LMS_EXAMPLE = {
    # mlx_lm/examples/lora_config.yaml, 0.32
    "optimizer": "adamw",
    "num_layers": 16,
    "batch_size": 4,
    "iters": 1000,
    "val_batches": 25,
    "learning_rate": 1e-5,
    "steps_per_report": 10,
    "steps_per_eval": 200,
    "save_every": 100,
    "test_batches": 100,
    "max_seq_length": 2048,
    "lora_parameters.keys": ["self_attn.q_proj", "self_attn.v_proj"],
    RANK: 8,
    SCALE: 20.0,
    DROPOUT: 0.0,
}
ITS_SCHEDULE = {
    "lr_schedule": {"name": "cosine_decay", "warmup": 100, "warmup_init": 1e-7, "arguments": [1e-5, 1000, 1e-7]}
}
COMMON = {RANK: 16, SCALE: 2.0, "iters": 1600, "steps_per_eval": 100, "grad_accumulation_steps": 4}


SMALL = {"batch_size": 1, "grad_checkpoint": True, "num_layers": 12}
FORGETTING = {"learning_rate": 1e-5, RANK: 8, ALPHA: 8, "num_layers": 12, DROPOUT: 0.1}
QUALITY = {"num_layers": 16, RANK: 16, "grad_checkpoint": False}
PRESETS = {
    # the reference's recommendations, at both ends of their ranges
    "16gb, low": (SMALL | {"max_seq_length": 512, "grad_accumulation_steps": 8}, 16),
    "16gb, high": (SMALL | {"max_seq_length": 1024, "grad_accumulation_steps": 16}, 16),
    "anti-forgetting": (FORGETTING, 36),
    "style, low": (FORGETTING | {"grad_accumulation_steps": 8}, 36),
    "style, high": (FORGETTING | {"grad_accumulation_steps": 16}, 36),
    "max-quality, low": (QUALITY | {"batch_size": 2, "max_seq_length": 1024, ALPHA: 16}, 64),
    "max-quality, high": (QUALITY | {"batch_size": 4, "max_seq_length": 2048, ALPHA: 32}, 64),
    "16gb and anti-forgetting": (
        SMALL | FORGETTING | {"max_seq_length": 1024, "grad_accumulation_steps": 16},
        16,
    ),
}


def reference() -> Config:
    lines = [
        f"{key}: {str(value).lower() if isinstance(value, bool) else value}" for key, value in COMPLETE_EXAMPLE.items()
    ]
    return resolve(parse("\n".join(lines), None)).config


MANY = RowCounts(1600, 160, 160)
SOUND = {
    "the reference's complete example": context_of(reference(), MANY, 16 * GB, 36),
    "the demo on 8 GB": context_of(
        resolve(read(ROOT / "app/engine/demo/demo.yaml")).config, RowCounts(150, 20, 20), 8 * GB, 4
    ),
    "mlx-lm's defaults": context_of(config_of({}), MANY, 36 * GB, 28),
    "mlx-lm's example": context_of(config_of(MLX_LMS_EXAMPLE), MANY, 36 * GB, 32),
    "mlx-lm's example with its schedule": context_of(config_of(MLX_LMS_EXAMPLE | ITS_SCHEDULE), MANY, 36 * GB, 32),
    "QLoRA's paper": context_of(config_of({"learning_rate": 2e-4, RANK: 64, SCALE: 0.25, "batch_size": 16}), MANY),
    "a widely used recipe": context_of(config_of(COMMON | {"learning_rate": 2e-4, "optimizer": "adamw"}), MANY),
    "DoRA over every layer": context_of(config_of(COMMON | {"use_dora": True, "num_layers": -1}), MANY, 64 * GB, 28),
    "full": context_of(config_of({"fine_tune_type": "full", "optimizer": "adamw", "learning_rate": 1e-5}), MANY),
    "muon": context_of(config_of(COMMON | {"optimizer": "muon", "learning_rate": 0.02}), MANY),
    "sgd": context_of(config_of(COMMON | {"optimizer": "sgd", "learning_rate": 0.1}), MANY),
    "adafactor": context_of(config_of(COMMON | {"optimizer": "adafactor"}), MANY),
    "a trial of ten iterations": context_of(config_of({"iters": 10, "steps_per_report": 1}), MANY),
    "a first trial on a few rows": context_of(config_of({"iters": 50, "batch_size": 1}), RowCounts(10, 2)),
    **{name: context_of(config_of(values), MANY, size * GB, 36) for name, (values, size) in PRESETS.items()},
    "a test alone": context_of(config_of({"train": False, "test": True}), RowCounts(None, None, 20), 16 * GB, 4),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_configuration_gets_notes_at_most(name):
    assert [finding.message for finding in check(SOUND[name]) if finding.level != "note"] == []


@pytest.mark.parametrize("name", SOUND)
def test_nor_does_it_while_rows_and_model_are_not_known(name):
    context = SOUND[name]
    context = context_of(context.config, total_memory=context.total_memory)
    assert [finding.message for finding in check(context) if finding.level != "note"] == []


def test_the_references_example_is_told_of_one_thing_alone():
    """What it recommends together, dropout and grad_checkpoint, does not go together quite. Its validations are noisy
    on as many rows as these."""
    codes = [finding.code for finding in check(SOUND["the reference's complete example"])]
    assert codes == ["masks-differ", "validated-on-a-sample"]


def test_a_preset_for_more_memory_is_warned_of_on_16_gb():
    context = replace(SOUND["max-quality, high"], total_memory=16 * GB)
    assert "small-memory-batch" in {finding.code for finding in check(context)}
