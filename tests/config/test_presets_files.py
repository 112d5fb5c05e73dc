"""How a preset is written, and what is said of one that is written badly."""

from pathlib import Path

import pytest

from app.config.document import ConfigError
from app.config.preset_setting import Setting
from app.config.presets import load_presets
from tests.config.preset_files import preset_of

HEAD = "preset: {name: Mine, summary: For me.}\n"


def setting_of(folder: Path, entry: str) -> Setting:
    settings = preset_of(folder, HEAD + entry).settings
    assert len(settings) == 1
    return settings[0]


@pytest.mark.parametrize(
    ("entry", "key", "value"),
    [
        ("learning_rate: 1e-5", "learning_rate", 1e-5),
        ("learning-rate: {value: 1e-5}", "learning_rate", 1e-5),
        ("lora_rank: 4", "lora_parameters.rank", 4),
        ("lora_parameters.rank: 4", "lora_parameters.rank", 4),
        ("lora_parameters: {rank: 4}", "lora_parameters.rank", 4),
        ("lora_parameters:\n  rank:\n    value: 4", "lora_parameters.rank", 4),
        ("lora_parameters: {alpha: {value: 4}}", "lora_alpha", 4),
        ("use_dora: true", "use_dora", True),
        ("optimizer: {value: AdamW}", "optimizer", "adamw"),
        ("lr_schedule: {value: null}", "lr_schedule", None),
        ("lr_schedule:", "lr_schedule", None),
        ("optimizer_config: {adamw: {weight_decay: 0.1}}", "optimizer_config", {"adamw": {"weight_decay": 0.1}}),
        ("optimizer_config: {value: {adamw: {}}, why: None}", "optimizer_config", {"adamw": {}}),
        ("adapter_file: {value: x/adapters.npz}", "adapter_path", "x"),
        ("iters: 100", "iters", 100),
        ("batch_size: {range: [2, 4], take: low}", "batch_size", 2),
        ("batch_size: {range: [2, 4], take: high}", "batch_size", 4),
        ("batch_size: {range: [2, 4], take: 3}", "batch_size", 3),
        ("batch_size: {range: [2, 4], take: largest-that-fits}", "batch_size", 2),
        ("learning_rate: {range: [1e-6, 1e-4], take: 1e-5}", "learning_rate", 1e-5),
    ],
)
def test_ways_to_write_a_setting(tmp_path, entry, key, value):
    setting = setting_of(tmp_path, entry)
    assert (setting.key, setting.value) == (key, value)
    assert setting.line == (3 if "lora_parameters:\n" in entry else 2)


def test_a_setting_keeps_its_reason_and_its_range(tmp_path):
    setting = setting_of(tmp_path, "max_seq_length: {range: [512, 1024], take: largest-that-fits, why: as it is}")
    assert setting == Setting("max_seq_length", 512, "as it is", (512, 1024), True, 2)


def test_the_head_names_the_preset_and_the_file_its_id(tmp_path):
    preset = preset_of(tmp_path, HEAD + "seed: 1\n", "my own.yaml")
    assert (preset.id, preset.name, preset.summary, preset.shipped) == ("my own", "Mine", "For me.", False)
    assert preset_of(tmp_path, "preset: {}\nseed: 1\n").name == "mine"


def test_settings_stand_in_the_order_of_the_file(tmp_path):
    preset = preset_of(tmp_path, HEAD + "seed: 1\nlora_alpha: 8\nlora_rank: 8\nbatch_size: 1\n")
    assert [one.key for one in preset.settings] == ["seed", "lora_alpha", "lora_parameters.rank", "batch_size"]


def test_a_plain_training_configuration_is_a_preset_without_its_job(tmp_path):
    text = (Path(__file__).parent / "fixtures" / "reference.yaml").read_text()
    preset = preset_of(tmp_path, text + "note: to myself\n", "run5.yaml")
    assert (preset.id, preset.name) == ("run5", "run5")
    values = {one.key: one.value for one in preset.settings}
    assert values == {
        "fine_tune_type": "lora",
        "optimizer": "adamw",
        "num_layers": 12,
        "lora_parameters.rank": 8,
        "lora_alpha": 8,
        "lora_parameters.dropout": 0.1,
        "use_dora": False,
        "learning_rate": 1e-5,
        "batch_size": 1,
        "max_seq_length": 800,
        "grad_accumulation_steps": 16,
        "grad_checkpoint": True,
        "steps_per_eval": 50,
        "steps_per_report": 50,
        "save_every": 500,
        "seed": 42,
    }


def test_it_sets_what_stands_in_it_and_not_what_follows(tmp_path):
    preset = preset_of(tmp_path, "lora_parameters: {rank: 16, scale: 2.0}\nfine_tune_type: dora\nlr_schedule: null\n")
    assert {one.key for one in preset.settings} == {"lora_parameters.rank", "lora_parameters.scale", "fine_tune_type"}


BROKEN = [
    ("", None, "", "The file is empty"),
    ("- a\n", 1, "", "holds a list"),
    ("a: [\n", 2, "", "not valid YAML"),
    ("preset: mine\nseed: 1\n", 1, "preset", "name and summary"),
    ("preset:\nseed: 1\n", 1, "preset", "name and summary"),
    ("preset: {name: 3}\nseed: 1\n", 1, "preset.name", "quotes"),
    ("preset:\n  name: x\n  id: y\nseed: 1\n", 3, "preset.id", "remove"),
    ("preset: {name: x}\n", None, "", "sets nothing"),
    ("model: m\ndata: d\niters: 5\n", None, "", "sets nothing"),
    (HEAD + "learning_rat: 1e-5\n", 2, "learning_rat", "did you mean learning_rate?"),
    (HEAD + "seed: 1\nseed: 2\n", 3, "seed", "stands twice"),
    (HEAD + "trust_remote_code: true\n", 2, "trust_remote_code", "ignores"),
    (HEAD + "trust_remote_code: {value: true}\n", 2, "trust_remote_code", "ignores"),
    (HEAD + 'learning_rate: "1e-5"\n', 2, "learning_rate", "without quotes"),
    (HEAD + 'learning_rate: {value: "1e-5"}\n', 2, "learning_rate", "without quotes"),
    (HEAD + "batch_size: {value: 0}\n", 2, "batch_size", "makes mlx-lm fail"),
    (HEAD + "batch_size:\n", 2, "batch_size", "A value is needed"),
    (HEAD + "batch_size: {value: null}\n", 2, "batch_size", "A value is needed"),
    (HEAD + "batch_size: 2-4\n", 2, "batch_size", "written {range: [2, 4], take: low}"),
    (HEAD + "batch_size: two\n", 2, "batch_size", "whole number"),
    (HEAD + "batch_size: {}\n", 2, "batch_size", "either value or range"),
    (HEAD + "batch_size: {value: 1, range: [1, 2], take: low}\n", 2, "batch_size", "either value or range"),
    (HEAD + "batch_size: {why: because}\n", 2, "batch_size", "either value or range"),
    (HEAD + "batch_size: {value: 1, take: low}\n", 2, "batch_size", "take chooses from a range"),
    (HEAD + "batch_size: {value: 1, because: x}\n", 2, "batch_size", "because is none of"),
    (HEAD + "batch_size: {value: 1, 2: x}\n", 2, "batch_size", "2 is none of"),
    (HEAD + "batch_size: {value: 1, why: [x]}\n", 2, "batch_size", "why wants text"),
    (HEAD + "batch_size: {range: 1-2, take: low}\n", 2, "batch_size", "two ends"),
    (HEAD + "batch_size: {range: [1, 2, 3], take: low}\n", 2, "batch_size", "two ends"),
    (HEAD + "batch_size: {range: [2, 1], take: low}\n", 2, "batch_size", "lower end first"),
    (HEAD + "batch_size: {range: [0, 2], take: low}\n", 2, "batch_size", "range: 0 makes mlx-lm fail"),
    (HEAD + "batch_size: {range: [1, x], take: low}\n", 2, "batch_size", "range: This wants a whole number"),
    (HEAD + "learning_rate: {range: [1e-5, .inf], take: low}\n", 2, "learning_rate", "finite"),
    (HEAD + "batch_size: {range: [1, 2]}\n", 2, "batch_size", "take wants"),
    (HEAD + "batch_size: {range: [1, 2], take: most}\n", 2, "batch_size", "take wants"),
    (HEAD + "batch_size: {range: [1, 2], take: [1]}\n", 2, "batch_size", "take wants"),
    (HEAD + "batch_size: {range: [1, 2], take: true}\n", 2, "batch_size", "take wants"),
    (HEAD + "batch_size: {range: [1, 2], take: 3}\n", 2, "batch_size", "from 1 to 2"),
    (HEAD + "num_layers: {range: [1, 9], take: largest-that-fits}\n", 2, "num_layers", "batch_size and max_seq_length"),
    (HEAD + "train: {range: [0, 1], take: low}\n", 2, "train", "Only a number"),
    (HEAD + "lora_parameters: 8\n", 2, "lora_parameters", "rank, scale and dropout"),
    (HEAD + "lora_parameters:\n  rank: {value: x}\n", 3, "lora_parameters.rank", "whole number"),
    (HEAD + "lora_parameters:\n  rank: {range: 4}\n", 3, "lora_parameters.rank", "two ends"),
    (HEAD + "lora_parameters:\n  why: x\n", 3, "lora_parameters.why", "Neither mlx-lm nor Tunedeck"),
    (HEAD + "lora_rank: 8\nlora_parameters: {rank: 4}\n", 2, "lora_parameters.rank", "choose one"),
    (HEAD + "lora_alpha: 8\nlora_parameters: {scale: 2.0}\n", 2, "lora_alpha", "choose one"),
    ("lora_alpha: 8\nlora_parameters: {scale: 2.0}\n", 1, "lora_alpha", "choose one"),
    (HEAD + "fine_tune_type: full\nuse_dora: true\n", 3, "use_dora", "choose one"),
    (HEAD + "lr_schedule: {name: cosine_decay}\n", 2, "lr_schedule", "name and arguments"),
    (HEAD + "optimizer: {value: lion}\n", 2, "optimizer", "one of adam"),
    ("iters: 1e3\nseed: 1\n", 1, "iters", "write 1000"),
    ("batch_size: {value: 1}\n", 1, "batch_size", "whole number"),
]


@pytest.mark.parametrize(("text", "line", "key", "words"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_preset_is_one_sentence_with_its_place(tmp_path, text, line, key, words):
    with pytest.raises(ConfigError) as caught:
        preset_of(tmp_path, text)
    place = f"{tmp_path / 'mine.yaml'}{f':{line}' if line else ''}: {f'{key}: ' if key else ''}"
    assert str(caught.value).startswith(place) and words in str(caught.value)
    assert load_presets(tmp_path)[1] == (str(caught.value),)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"preset: \x1b\n", b"a: &a [*a]\nseed: *a\n", b"[" * 1000])
def test_so_is_what_is_no_text_or_no_tree(tmp_path, content):
    (tmp_path / "mine.yaml").write_bytes(content)
    presets, complaints = load_presets(tmp_path)
    assert len(complaints) == 1 and str(tmp_path / "mine.yaml") in complaints[0]
    assert "mine" not in {preset.id for preset in presets}


def test_so_is_a_folder_or_a_link_to_nowhere(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to("nowhere")
    assert [complaint.partition(": ")[2] for complaint in load_presets(tmp_path)[1]] == [
        "This is a folder; name the YAML file inside it.",
        "There is no such file.",
    ]
