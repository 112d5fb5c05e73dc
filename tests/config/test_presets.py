"""The shipped presets against the reference, and which presets are found."""

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.config.config import defaults
from app.config.preset_apply import apply
from app.config.presets import load_presets, shipped_folder
from app.config.registry import find
from app.config.yaml_values import load
from tests.config.preset_files import SHIPPED

ROOT = Path(__file__).parents[2]

BLOCKS = {
    "16gb": """
batch_size: 1
max_seq_length: 512-1024
grad_checkpoint: true
num_layers: 12  # Fewer layers = less memory
grad_accumulation_steps: 8-16  # Compensate for small batch size
""",
    "anti-forgetting": """
learning_rate: 1e-5  # Conservative
lora_rank: 8  # Lower rank = less adaptation
lora_alpha: 8  # Match rank or lower
num_layers: 12  # Fewer layers = more preserved base model
lora_dropout: 0.1  # Regularization
""",
    "style": """
learning_rate: 1e-5
lora_rank: 8
lora_alpha: 8
num_layers: 12
lora_dropout: 0.1
grad_accumulation_steps: 8-16
""",
    "max-quality": """
batch_size: 2-4
max_seq_length: 1024-2048
num_layers: 16  # More layers
lora_rank: 16  # Higher rank
lora_alpha: 16-32
grad_checkpoint: false  # If you have memory
""",
}
"""The reference's "Parameter Relationships & Recommendations", as written."""

NOTES = {
    "num_layers": ("`12` recommended for style learning",),
    "lora_rank": ("Lower = less capacity, less forgetting", "`8` is balanced"),
    "lora_alpha": ("Usually set to `lora_rank` or `2×lora_rank`", "`8` is conservative"),
    "lora_dropout": ("`0.1` recommended to prevent overfitting",),
    "learning_rate": ("prevents catastrophic forgetting",),
    "batch_size": ("`1` for 16GB RAM", "`2-4` if you have more memory"),
    "max_seq_length": ("`1024` is good balance", "`512` saves memory"),
    "grad_accumulation_steps": ("Effective batch size = `batch_size × grad_accumulation_steps`",),
    "grad_checkpoint": ("slightly slower",),
}
"""Its tables' notes, of parameters whose line in a block says no reason."""

TAKEN = {
    ("16gb", "grad_accumulation_steps"): 8,
    ("style", "grad_accumulation_steps"): 8,
    ("max-quality", "lora_alpha"): 16,
}
"""What the files name within the other ranges; batch_size and max_seq_length ask memory."""


@dataclass(frozen=True)
class Line:
    preset: str
    name: str
    value: str
    comment: str


def lines() -> list[Line]:
    found = []
    for preset, block in BLOCKS.items():
        for line in block.strip().splitlines():
            entry, _, comment = line.partition("  # ")
            name, value = entry.split(": ")
            found.append(Line(preset, name, value, comment))
    return found


def test_the_shipped_presets_are_those_of_the_reference_and_read_without_a_word():
    presets, complaints = load_presets(None)
    assert [preset.id for preset in presets] == sorted(BLOCKS) and not complaints
    assert all(preset.shipped and preset.name and preset.summary for preset in presets)
    for preset in presets:
        assert {one.key for one in preset.settings} == {
            find(one.name).key for one in lines() if one.preset == preset.id
        }


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line.preset} {line.name}")
def test_each_line_of_the_reference_has_its_value_its_range_and_its_reason(line):
    setting = next(one for one in SHIPPED[line.preset].settings if one.key == find(line.name).key)
    if re.fullmatch(r"\d+-\d+", line.value):
        low, high = map(int, line.value.split("-"))
        asks_memory = line.name in ("batch_size", "max_seq_length")
        assert setting.range == (low, high) and setting.largest_that_fits == asks_memory
        assert setting.value == (low if asks_memory else TAKEN[line.preset, line.name])
    else:
        assert setting.range is None
        assert setting.value == load(line.value)
    reasons = [line.comment] if line.comment else [note.replace("`", "") for note in NOTES[line.name]]
    assert any(reason in setting.why for reason in reasons), setting.why


@pytest.mark.parametrize(
    ("name", "alpha", "rank"), [("anti-forgetting", 8, 8), ("style", 8, 8), ("max-quality", 16, 16)]
)
def test_alpha_is_shown_as_the_reference_writes_it_and_scale_is_one(name, alpha, rank):
    config = apply(SHIPPED[name], defaults()).config
    assert config.values["lora_alpha"] == alpha and config.values["lora_parameters.rank"] == rank
    assert config.values["lora_parameters.scale"] == 1.0


def test_every_shipped_file_says_what_it_is_for():
    for path in shipped_folder().glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_wheel_finds_its_presets_beside_the_rooms(tmp_path):
    """Laid out as pyproject.toml tells the wheel to; editable installs have no app/presets and take the checkout's."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    for source, target in wheel["force-include"].items():
        shutil.copytree(ROOT / source, tmp_path / target)
    program = (
        "from app.config.presets import *; print(*[(one.id, one.path) for one in load_presets(None)[0]], sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ""},
    )
    assert done.stdout.splitlines() == [
        str((name, tmp_path / "app" / "presets" / f"{name}.yaml")) for name in sorted(BLOCKS)
    ]


def test_a_preset_of_the_users_own_comes_behind_the_shipped_ones(tmp_path):
    (tmp_path / "terse.yml").write_text("learning_rate: 2e-5\n")
    presets, complaints = load_presets(tmp_path)
    assert presets[-1].id == "terse" and not presets[-1].shipped and not complaints


def test_it_may_take_the_place_of_a_shipped_one_and_that_is_said(tmp_path):
    path = tmp_path / "16gb.yaml"
    path.write_text("batch_size: 2\n")
    presets, complaints = load_presets(tmp_path)
    assert [preset.id for preset in presets] == sorted(BLOCKS)
    assert presets[0].path == path
    assert complaints == (f"{path}: This takes the place of the shipped preset 16gb.",)


def test_a_broken_one_costs_a_sentence_and_no_other_preset(tmp_path):
    (tmp_path / "16gb.yaml").write_text("preset: {name: x}\nbatch_size: 0\n")
    (tmp_path / "fine.yaml").write_text("batch_size: 2\n")
    (tmp_path / "fine.yml").write_text("batch_size: 3\n")
    presets, complaints = load_presets(tmp_path)
    assert [preset.id for preset in presets] == [*sorted(BLOCKS), "fine"]
    assert SHIPPED["16gb"] in presets
    assert len(complaints) == 2
    assert complaints[0].startswith(f"{tmp_path / '16gb.yaml'}:2: batch_size: 0 makes mlx-lm fail")
    assert "fine.yaml goes by the same name" in complaints[1]


def test_what_is_no_yaml_file_is_passed_over(tmp_path):
    for name in ("notes.txt", ".16gb.yaml.tmp", "._16gb.yaml", ".hidden.yaml"):
        (tmp_path / name).write_bytes(b"\x00\xff")
    assert load_presets(tmp_path) == load_presets(None) == load_presets(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_a_complaint(tmp_path):
    (tmp_path / "presets").write_text("")
    assert len(load_presets(tmp_path / "presets")[1]) == 1
