"""Names of older mlx-lm and of other trainers: translated, listed, undone, and what to write where none fits."""

from pathlib import Path

import pytest

from app.config import suggest
from app.config.config import edit
from app.config.dialect import Resolution, resolve
from app.config.document import parse
from app.config.registry import find
from app.config.render import render
from app.config.stock import differences

RANK, SCALE, DROPOUT, KEYS = (f"lora_parameters.{name}" for name in ("rank", "scale", "dropout", "keys"))

TRANSLATED = [
    # the file's line, the parameter, its value, what mlx-lm makes of the line
    ("lora_layers: 4", "num_layers", 4, 16),
    ("adapter_file: out/adapters.npz", "adapter_path", "out", "adapters"),
    ("output_dir: out", "adapter_path", "out", "adapters"),
    ("model_name_or_path: a/b", "model", "a/b", "Qwen/Qwen3-0.6b"),
    ("base_model: a/b", "model", "a/b", "Qwen/Qwen3-0.6b"),
    ("r: 4", RANK, 4, 8),
    ("lora_r: 4", RANK, 4, 8),
    ("rank: 4", RANK, 4, 8),
    ("alpha: 16", SCALE, 2.0, 20.0),
    ("scale: 2.0", SCALE, 2.0, 20.0),
    ("dropout: 0.1", DROPOUT, 0.1, 0.0),
    ("target_modules: [self_attn.q_proj, up_proj]", KEYS, ["self_attn.q_proj", "mlp.up_proj"], None),
    ("lora_target: q_proj, other", KEYS, ["self_attn.q_proj", "other"], None),
    ("lora_parameters: {rank: 8, scale: 20.0, dropout: 0, target_modules: [k_proj]}", KEYS, ["self_attn.k_proj"], None),
    ("lr: 2e-5", "learning_rate", 2e-5, 1e-5),
    ("per_device_train_batch_size: 2", "batch_size", 2, 4),
    ("micro_batch_size: 2", "batch_size", 2, 4),
    ("gradient_accumulation_steps: 8", "grad_accumulation_steps", 8, 1),
    ("gradient_checkpointing: true", "grad_checkpoint", True, False),
    ("max_seq_len: 512", "max_seq_length", 512, 2048),
    ("cutoff_len: 512", "max_seq_length", 512, 2048),
    ("sequence_len: 512", "max_seq_length", 512, 2048),
    ("train_on_inputs: false", "mask_prompt", True, False),
    ("completion_only_loss: true", "mask_prompt", True, False),
    ("random_state: 3407", "seed", 3407, 0),
    ("finetuning_type: full", "fine_tune_type", "full", "lora"),
    ("wandb_project: p", "project_name", "p", None),
]  # fmt: skip


def resolved(text: str) -> Resolution:
    return resolve(parse(text, Path("train.yaml")))


@pytest.mark.parametrize(("line", "key", "value", "ignored"), TRANSLATED)
def test_a_foreign_name_is_read_listed_and_saved_as_what_mlx_lm_reads(line, key, value, ignored):
    resolution = resolved(f"iters: 5\n{line} # mine\n")
    assert resolution.config.values[key] == value and not resolution.problems
    notice = next(notice for notice in resolution.notices if notice.code == "older-name")
    assert notice.line == 2 and "; Tunedeck reads it as " in notice.message
    assert {one.key: one.stock for one in differences(resolution.document, resolution.config)} == {key: ignored}

    again = resolved(render(resolution.document, resolution.config))
    assert again.config.values == resolution.config.values
    assert not differences(again.document, again.config)
    assert "older-name" not in {notice.code for notice in again.notices}


@pytest.mark.parametrize(("line", "key", "value", "ignored"), TRANSLATED)
def test_a_translation_is_undone_and_stays_so_when_saved(line, key, value, ignored):
    resolution = resolved(f"iters: 5\n{line}\n")
    config = resolution.config
    for undone, before in next(one for one in resolution.notices if one.code == "older-name").alternative:
        config = edit(config, undone, before)
    assert config.values[key] == ignored and not differences(resolution.document, config)

    again = resolved(render(resolution.document, config))
    assert again.config.values == config.values
    assert not differences(again.document, again.config)
    assert "older-name" not in {notice.code for notice in again.notices}


def test_the_flat_names_are_undone_together():
    text = "lora_rank: 16\nlora_alpha: 16\nlora_dropout: 0.1\nuse_dora: true\n"
    resolution = resolved(text)
    config = resolution.config
    (flat,) = resolution.notices
    for key, value in flat.alternative:
        config = edit(config, key, value)
    assert not differences(resolution.document, config)
    again = resolved(render(resolution.document, config))
    assert again.config.values == config.values and again.config.values["fine_tune_type"] == "lora"
    assert [notice.alternative for notice in again.notices if notice.code == "flat"] in ([], [()])


def test_what_says_nothing_new_has_nothing_to_undo():
    assert [notice.alternative for notice in resolved("lora_layers: 16\n").notices] == [()]
    assert [notice.alternative for notice in resolved("lora_layers: many\n").notices] == [()]


@pytest.mark.parametrize("modules", ["all-linear", "all"])
def test_all_linear_modules_are_what_mlx_lm_trains_without_keys(modules):
    resolution = resolved(f"target_modules: {modules}\niters: 5\n")
    assert resolution.config.values[KEYS] is None and not resolution.problems
    assert render(resolution.document, resolution.config) == "iters: 5\n"


def test_an_older_name_beside_the_present_one_does_not_count():
    resolution = resolved("num_layers: 4\nlora_layers: 8\n")
    assert resolution.config.values["num_layers"] == 4
    older, other = resolution.notices
    assert older.message == "mlx-lm ignores lora_layers, and num_layers beside it counts: remove lora_layers."
    assert (other.code, other.alternative) == ("disagreement", (("num_layers", 8),))


@pytest.mark.parametrize(
    ("text", "alternative"),
    [
        ("iter: 5\n", (("iters", 5),)),
        ("batchsize: 2\n", (("batch_size", 2),)),
        ("lora_parameters: {rank: 8, scale: 1.0, dropuot: 0.1}\n", ((DROPOUT, 0.1),)),
        ("iter: soon\n", ()),
        ("iter: 1000\n", ()),
        ("iter: 5\niters: 7\n", ()),
        ("trust_remote_cod: true\n", ()),
        ("num_train_epochs: 3\n", ()),
        ("my_own_note: 3\n", ()),
    ],
)
def test_a_mistyped_key_offers_what_was_meant_where_its_value_can_stand(text, alternative):
    notices = resolved(text).notices
    assert [notice.alternative for notice in notices if notice.code == "unknown"] == [alternative]


INSTEAD = {
    "num_train_epochs: 3": "set iters to epochs × rows / batch_size",
    "max_steps: 100": "set iters to max_steps × grad_accumulation_steps",
    "eval_steps: 50": "use steps_per_eval, which counts iterations and not updates",
    "warmup_ratio: 0.1": "put warmup, in updates, inside lr_schedule",
    "weight_decay: 0.1": "put it inside optimizer_config",
    "modules_to_save: [lm_head]": "trains no module whole beside an adapter",
    "use_rslora: true": "set scale inside lora_parameters to alpha / √rank",
    "load_in_4bit: true": "convert the model with mlx_lm.convert -q",
    "optim: adamw_torch": "use optimizer, such as adamw",
    "lora: {r: 8}": "use lora_parameters",
    "dataset: a/b": "use data",
}


@pytest.mark.parametrize("line", INSTEAD)
def test_a_setting_that_has_no_other_name_here_is_told_what_to_write(line):
    (notice,) = resolved(line).notices
    assert notice.code == "unknown" and INSTEAD[line] in notice.message and notice.message.endswith(".")


def test_no_name_is_both_translated_and_told_of():
    assert [name for name in suggest._INSTEAD if find(name)] == []
