"""A preset made of present values: what is written is what comes back."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config.config import Config, defaults, edit
from app.config.dialect import resolve
from app.config.document import parse
from app.config.preset_apply import apply
from app.config.preset_file import OF_ONE_JOB
from app.config.preset_writing import PresetExists, preset_text, save_preset
from app.config.presets import load_presets
from app.config.registry import BY_KEY
from app.config.saving import SaveError
from tests.config.preset_files import SHIPPED, preset_of

RANK, SCALE, ALPHA = "lora_parameters.rank", "lora_parameters.scale", "lora_alpha"
EDITS: dict[str, st.SearchStrategy[Any]] = {
    "model": st.just("mine/own"),
    "train": st.booleans(),
    "iters": st.integers(1, 10**6),
    "use_dora": st.booleans(),
    "fine_tune_type": st.sampled_from(["lora", "dora", "full"]),
    RANK: st.integers(1, 128),
    SCALE: st.floats(0, 100),
    ALPHA: st.one_of(st.integers(1, 256), st.floats(0.1, 100)),
    "lora_parameters.keys": st.one_of(st.none(), st.just(["self_attn.q_proj", "mlp.up_proj"])),
    "learning_rate": st.floats(1e-8, 1e-2),
    "num_layers": st.integers(-1, 40),
    "lr_schedule": st.one_of(st.none(), st.just({"name": "linear_schedule", "arguments": [1e-5, 0.0, 100]})),
    "optimizer_config": st.sampled_from([{}, {"adamw": {"betas": [0.9, 0.99]}}, {"value": {"a": 1}}, {"range": {}}]),
    "report_to": st.sampled_from([None, "wandb, swanlab"]),
    "trust_remote_code": st.booleans(),
}
NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=NAMES, summary=NAMES)
def test_what_was_given_comes_back_on_the_defaults(tmp_path: Path, data: Any, name: str, summary: str) -> None:
    config = edit(defaults(), "seed", 3)
    for key in data.draw(st.lists(st.sampled_from(sorted(EDITS)), max_size=6)):
        config = edit(config, key, data.draw(EDITS[key]))
    preset = preset_of(tmp_path, preset_text(name, summary, config))
    assert (preset.name, preset.summary) == (name or "mine", summary)
    applied = apply(preset, defaults()).config
    for key, value in config.values.items():
        if key not in OF_ONE_JOB and BY_KEY[key].read_from_yaml:
            assert applied.values[key] == value, key
        else:
            assert applied.values[key] == defaults().values[key], key


def test_the_text_has_the_registrys_order_the_references_names_and_no_default() -> None:
    text = (Path(__file__).parent / "fixtures" / "reference.yaml").read_text()
    config = edit(resolve(parse(text, None)).config, "lora_parameters.keys", ["self_attn.q_proj"])
    assert (
        preset_text("Run 5", "As it went: well.", config)
        == """\
preset:
  name: Run 5
  summary: 'As it went: well.'

# Method
fine_tune_type: lora

# Optimizer
optimizer: adamw

# LoRA
num_layers: 12
lora_rank: 8
lora_alpha: 8
lora_dropout: 0.1
lora_parameters.keys: [self_attn.q_proj]

# Hyperparameters
learning_rate: 1e-5
batch_size: 1
max_seq_length: 800
grad_accumulation_steps: 16
grad_checkpoint: true

# Monitoring
steps_per_report: 50
steps_per_eval: 50
save_every: 500

# Advanced
seed: 42
"""
    )


@pytest.mark.parametrize(
    ("edits", "written"),
    [
        ({RANK: 16, ALPHA: 8}, {RANK, ALPHA}),
        ({ALPHA: 8, RANK: 16}, {RANK, ALPHA}),
        ({ALPHA: 8, SCALE: 2.0}, {SCALE}),
        ({RANK: 16}, {RANK}),
        ({SCALE: 2.0, RANK: 16}, {RANK, SCALE}),
        ({"use_dora": True}, {"fine_tune_type"}),
    ],
)
def test_of_two_views_the_one_that_is_held_is_written(tmp_path: Path, edits: dict[str, Any], written: set[str]) -> None:
    config = _edited(**edits)
    assert {one.key for one in preset_of(tmp_path, preset_text("x", "", config)).settings} == written


def test_keys_that_are_asked_for_are_written_whatever_they_are(tmp_path: Path) -> None:
    preset = preset_of(tmp_path, preset_text("x", "", defaults(), ["iters", "batch_size", "lr_schedule"]))
    assert {one.key: one.value for one in preset.settings} == {"iters": 1000, "batch_size": 4, "lr_schedule": None}


def test_a_preset_applied_and_saved_is_the_same_preset(tmp_path: Path) -> None:
    for shipped in SHIPPED.values():
        config = apply(shipped, defaults()).config
        preset = preset_of(tmp_path, preset_text(shipped.name, shipped.summary, config))
        assert {one.key: one.value for one in preset.settings} == {one.key: one.value for one in shipped.settings}


def test_nothing_given_is_no_preset() -> None:
    with pytest.raises(SaveError, match="No value was given yet"):
        preset_text("x", "", edit(defaults(), "model", "m"))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Run 5", "run-5.yaml"),
        ("  ../../etc/passwd ", "etc-passwd.yaml"),
        (".hidden", "hidden.yaml"),
        ("für Stil, kurz", "für-stil-kurz.yaml"),
        ("a\0b\x1b[31m", "a-b-31m.yaml"),
        ("x" * 300, f"{'x' * 60}.yaml"),
    ],
)
def test_the_file_is_named_after_the_preset_safely(tmp_path: Path, name: str, file: str) -> None:
    folder = tmp_path / "new" / "presets"
    path = save_preset(folder, name, preset_text(name, "", _edited(seed=1)))
    assert path == folder / file and [entry.name for entry in folder.iterdir()] == [file]
    presets, complaints = load_presets(folder)
    assert presets[-1].name == name and not complaints


def test_no_name_is_no_file(tmp_path: Path) -> None:
    for name in ("", " / ", "...", "🙂"):
        with pytest.raises(SaveError, match="choose another name"):
            save_preset(tmp_path, name, "seed: 1\n")
    assert not list(tmp_path.iterdir())


def test_a_preset_is_overwritten_only_when_told(tmp_path: Path) -> None:
    path = save_preset(tmp_path, "Mine", "seed: 1\n")
    with pytest.raises(PresetExists, match=r"mine\.yaml: There is a preset of this name"):
        save_preset(tmp_path, "mine", "seed: 2\n")
    assert path.read_text() == "seed: 1\n"
    assert save_preset(tmp_path, "mine", "seed: 2\n", overwrite=True).read_text() == "seed: 2\n"


def test_a_shipped_ones_place_is_taken_only_when_told(tmp_path: Path) -> None:
    with pytest.raises(PresetExists):
        save_preset(tmp_path, "Style", "seed: 1\n")
    save_preset(tmp_path, "Style", "seed: 1\n", overwrite=True)
    assert "takes the place" in load_presets(tmp_path)[1][0]


def test_a_folder_that_cannot_be_made_or_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "occupied").write_text("")
    with pytest.raises(SaveError, match="cannot be made"):
        save_preset(tmp_path / "occupied" / "presets", "x", "seed: 1\n")
    with pytest.raises(SaveError, match="cannot be made"):
        save_preset(tmp_path / "occupied", "x", "seed: 1\n")
    may = os.access
    monkeypatch.setattr(os, "access", lambda where, mode: Path(where) != tmp_path and may(where, mode))
    with pytest.raises(SaveError, match="read-only"):
        save_preset(tmp_path, "x", "seed: 1\n")


def test_a_new_file_may_be_read_as_any_other(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        path = save_preset(tmp_path, "x", "seed: 1\n")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def _edited(**edits: Any) -> Config:
    config = defaults()
    for key, value in edits.items():
        config = edit(config, key, value)
    return config
