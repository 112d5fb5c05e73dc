"""Each rule by numbers fires where it should, names the right keys, and is silent once its fix is applied.

That every rule there is fires is for the corpus to show.
"""

import pytest

from app.checks.rules import check
from app.config.config import ALPHA, DROPOUT, RANK, SCALE, edit
from app.config.registry import BY_KEY
from app.config.values import check_value
from app.data.rows import RowCounts
from tests.checks.configurations import GB, config_of, context_of, fixed, found

GROUP = "grad_accumulation_steps"
ROWS = RowCounts(train=1000, valid=100, test=100)


def cosine(*arguments, **more):
    return {"name": "cosine_decay", "arguments": list(arguments), **more}


FIRING = [
    # (code, level, keys, values, surroundings, the fix's edits)
    ("rows-below-batch", "error", ("batch_size", "data"), {}, {"rows": RowCounts(100, 3)}, {"batch_size": 3}),
    (
        "rows-below-batch",
        "error",
        ("batch_size", "data"),
        {"train": False, "test": True},
        {"rows": RowCounts(1, 1, 2)},
        {"batch_size": 2},
    ),
    ("layers-above-depth", "error", ("num_layers", "model"), {}, {"depth": 4}, {"num_layers": 4}),
    ("no-update", "error", ("iters", GROUP), {"iters": 15, GROUP: 16}, {}, {GROUP: 1}),
    ("no-update", "error", ("iters", GROUP), {"iters": 300, GROUP: 301}, {}, {GROUP: 30}),
    ("thrown-away-iterations", "note", ("iters", GROUP), {"iters": 1610, GROUP: 16}, {}, {"iters": 1600}),
    (
        "effective-batch-above-rows",
        "warning",
        (GROUP, "batch_size"),
        {GROUP: 32},
        {"rows": RowCounts(train=100)},
        {GROUP: 6},
    ),
    ("few-updates", "warning", (GROUP, "iters"), {"iters": 100, GROUP: 16}, {}, {GROUP: 10}),
    ("scale-strong", "note", (SCALE, ALPHA, RANK), {}, {}, {SCALE: 1.0}),
    ("scale-strong", "note", (ALPHA, SCALE, RANK), {ALPHA: 64}, {}, {ALPHA: 8}),
    ("scale-strong", "warning", (SCALE, ALPHA, RANK), {"learning_rate": 1e-4}, {}, {SCALE: 1.0}),
    ("scale-strong", "warning", (SCALE, ALPHA, RANK), {"lr_schedule": cosine(1e-4, 1000)}, {}, {SCALE: 1.0}),
    ("scale-strong", "note", (SCALE, ALPHA, RANK), {"learning_rate": 0.02, "optimizer": "muon"}, {}, {SCALE: 1.0}),
    ("scale-zero", "warning", (ALPHA, SCALE, RANK), {ALPHA: 0}, {}, {ALPHA: 8}),
    ("rate-high", "note", ("learning_rate",), {"learning_rate": 2e-4}, {}, {"learning_rate": 1e-4}),
    ("rate-high", "warning", ("learning_rate",), {"learning_rate": 0.01}, {}, {"learning_rate": 1e-4}),
    (
        "rate-high",
        "note",
        ("learning_rate",),
        {"learning_rate": 1e-4, "fine_tune_type": "full"},
        {},
        {"learning_rate": 1e-5},
    ),
    (
        "rate-high",
        "warning",
        ("lr_schedule",),
        {"lr_schedule": cosine(0.01, 1000, 1e-3)},
        {},
        {"lr_schedule": cosine(1e-4, 1000, 1e-4)},
    ),
    ("rate-low", "note", ("learning_rate",), {"learning_rate": 5e-7}, {}, {"learning_rate": 1e-5}),
    ("rate-low", "warning", ("learning_rate",), {"learning_rate": 1e-8}, {}, {"learning_rate": 1e-5}),
    ("rate-low", "warning", ("learning_rate",), {"learning_rate": 0}, {}, {"learning_rate": 1e-5}),
    ("rate-low", "warning", ("learning_rate",), {"learning_rate": -1e-5}, {}, {"learning_rate": 1e-5}),
    (
        "rate-overridden",
        "note",
        ("learning_rate", "lr_schedule"),
        {"learning_rate": 1e-4, "lr_schedule": cosine(2e-5, 1000)},
        {},
        {"learning_rate": 2e-5},
    ),
    (
        "adafactor-own-rate",
        "warning",
        ("optimizer_config", "optimizer", "learning_rate"),
        {"optimizer": "adafactor", "learning_rate": 1e-4, "optimizer_config": {"adafactor": {"beta_1": 0.9}}},
        {},
        {"optimizer_config": {"adafactor": {"beta_1": 0.9, "relative_step": False, "scale_parameter": False}}},
    ),
    (
        "warmup-too-long",
        "warning",
        ("lr_schedule",),
        {"lr_schedule": cosine(1e-5, 100, warmup=100), GROUP: 16},
        {},
        {"lr_schedule": cosine(1e-5, 100, warmup=6)},
    ),
    (
        "decay-too-short",
        "warning",
        ("lr_schedule",),
        {"lr_schedule": cosine(1e-5, 100, warmup=10)},
        {},
        {"lr_schedule": cosine(1e-5, 990, warmup=10)},
    ),
    (
        "decay-too-long",
        "note",
        ("lr_schedule",),
        {"lr_schedule": {"name": "linear_schedule", "arguments": [1e-5, 0, 1000]}, GROUP: 16},
        {},
        {"lr_schedule": {"name": "linear_schedule", "arguments": [1e-5, 0, 62]}},
    ),
    ("no-dropout", "note", (DROPOUT, "iters"), {}, {"rows": ROWS}, {DROPOUT: 0.1}),
    ("masks-differ", "note", (DROPOUT, "grad_checkpoint"), {DROPOUT: 0.1, "grad_checkpoint": True}, {}, {DROPOUT: 0.0}),
    ("rare-validation", "note", ("steps_per_eval", "iters"), {"iters": 500}, {}, {"steps_per_eval": 50}),
    (
        "rare-validation",
        "warning",
        ("steps_per_eval", "iters"),
        {"iters": 200, "steps_per_report": 50},
        {},
        {"steps_per_eval": 20, "steps_per_report": 20},
    ),
    (
        "rare-validation",
        "note",
        ("steps_per_eval", "iters"),
        {"iters": 20000, "steps_per_eval": 9000},
        {},
        {"steps_per_eval": 1000},
    ),
    (
        "reported-once",
        "note",
        ("steps_per_report", "iters"),
        {"iters": 90, "steps_per_report": 100},
        {},
        {"steps_per_report": 5},
    ),
    ("saved-once", "note", ("save_every", "iters"), {"save_every": 1000}, {}, {"save_every": 500}),
    (
        "validated-more-often",
        "note",
        ("steps_per_report", "steps_per_eval"),
        {"steps_per_report": 100, "steps_per_eval": 50},
        {},
        {"steps_per_report": 50},
    ),
    ("validated-on-a-sample", "note", ("val_batches",), {"val_batches": 10}, {"rows": ROWS}, {"val_batches": -1}),
    ("num-layers-below-one", "warning", ("num_layers",), {"num_layers": 0}, {}, {"num_layers": -1}),
    ("nothing-to-do", "error", ("train", "test"), {"train": False}, {}, {"train": True}),
    (
        "optimizer-setting-unknown",
        "error",
        ("optimizer_config", "optimizer"),
        {"optimizer": "adamw", "optimizer_config": {"adamw": {"weight_decy": 0.1, "eps": 1e-8, "lookahead": 5}}},
        {},
        {"optimizer_config": {"adamw": {"weight_decay": 0.1, "eps": 1e-8}}},
    ),
    (
        "optimizer-setting-wrong",
        "error",
        ("optimizer_config", "optimizer"),
        {
            "optimizer": "adamw",
            "optimizer_config": {"adamw": {"betas": ["0.9", 0.98], "eps": "small", "weight_decay": "NaN"}},
        },
        {},
        {"optimizer_config": {"adamw": {"betas": [0.9, 0.98]}}},
    ),
    (
        "optimizer-settings-unused",
        "warning",
        ("optimizer_config", "optimizer"),
        {"optimizer_config": {"adam": {}, "sgd": {"momentum": 0.9}}},
        {},
        {"optimizer": "sgd"},
    ),
    (
        "cache-threshold-unused",
        "note",
        ("clear_cache_threshold",),
        {"clear_cache_threshold": 5},
        {},
        {"clear_cache_threshold": 0},
    ),
    ("project-name-unused", "note", ("project_name", "report_to"), {"project_name": "a"}, {}, {"project_name": None}),
    ("tracker-unknown", "error", ("report_to",), {"report_to": "WandB, mlflow"}, {}, {"report_to": "wandb"}),
    (
        "small-memory-batch",
        "warning",
        ("batch_size", GROUP, "max_seq_length"),
        {GROUP: 2},
        {"total_memory": 16 * GB},
        {
            "batch_size": 1,
            GROUP: 8,
            "iters": 4000,
            "steps_per_report": 40,
            "steps_per_eval": 800,
            "save_every": 400,
            "val_batches": 100,
            "test_batches": 2000,
        },
    ),
    ("small-memory-length", "note", ("max_seq_length",), {}, {"total_memory": 16 * GB}, {"max_seq_length": 1024}),
    ("small-memory-checkpoint", "note", ("grad_checkpoint",), {}, {"total_memory": 8 * GB}, {"grad_checkpoint": True}),
    ("small-memory-layers", "note", ("num_layers",), {"num_layers": -1}, {"total_memory": 16 * GB}, {"num_layers": 12}),
    (
        "small-memory-accumulation",
        "note",
        (GROUP, "batch_size"),
        {"batch_size": 1},
        {"total_memory": 16 * GB},
        {GROUP: 8},
    ),
]


@pytest.mark.parametrize(("code", "level", "keys", "values", "surroundings", "edits"), FIRING)
def test_a_rule_fires_and_its_fix_silences_it(code, level, keys, values, surroundings, edits):
    context = context_of(config_of(values), **surroundings)
    finding = found(context)[code]
    assert (finding.level, finding.keys[: len(keys)], finding.key) == (level, keys, keys[0])
    assert finding.fix and dict(finding.fix.edits) == edits
    assert code not in found(fixed(context, finding))


@pytest.mark.parametrize(("code", "level", "keys", "values", "surroundings", "edits"), FIRING)
def test_a_finding_is_one_sentence_with_a_reason_and_legal_values(code, level, keys, values, surroundings, edits):
    finding = found(context_of(config_of(values), **surroundings))[code]
    assert all(key in BY_KEY for key in finding.keys)
    for sentence in (finding.message, finding.why):
        assert sentence.endswith(".") and ". " not in sentence and "\n" not in sentence
    assert finding.fix and finding.fix.label
    for key, value in finding.fix.edits:
        assert check_value(BY_KEY[key], value) is None


@pytest.mark.parametrize(
    ("code", "values", "surroundings"),
    [
        ("rows-below-batch", {}, {"rows": RowCounts(100, None)}),
        ("rows-below-batch", {"train": False}, {"rows": RowCounts(1, 1, 1)}),
        ("layers-above-depth", {"num_layers": -1}, {"depth": 4}),
        ("no-update", {"iters": 16, GROUP: 16}, {}),
        ("no-update", {"train": False, "iters": 1, GROUP: 2}, {}),
        ("thrown-away-iterations", {"iters": 15, GROUP: 16}, {}),  # said by no-update
        ("few-updates", {"iters": 5}, {}),  # a trial: nothing to mend
        ("few-updates", {"iters": 160, GROUP: 16}, {}),
        ("few-updates", {"iters": 19, GROUP: 2}, {}),
        ("effective-batch-above-rows", {GROUP: 25}, {"rows": RowCounts(train=100)}),
        ("scale-strong", {SCALE: 4.0}, {}),
        ("scale-strong", {"fine_tune_type": "full"}, {}),
        ("rate-high", {"learning_rate": 1e-4}, {}),
        ("rate-high", {"learning_rate": 0.02, "optimizer": "muon"}, {}),
        ("rate-high", {"learning_rate": 0.1, "optimizer": "sgd"}, {}),
        ("rate-high", {"learning_rate": 0.1, "optimizer": "adafactor"}, {}),
        ("rate-high", {"learning_rate": 0.1, "lr_schedule": cosine(1e-5, 1000)}, {}),
        ("rate-low", {"lr_schedule": {"name": "linear_schedule", "arguments": [0, 1e-5, 100]}}, {}),
        ("rate-overridden", {"learning_rate": 1e-4, "lr_schedule": cosine(1e-4, 1000)}, {}),
        ("rate-overridden", {"lr_schedule": cosine(1e-4, 1000)}, {}),
        ("adafactor-own-rate", {"optimizer": "adafactor"}, {}),
        ("adafactor-own-rate", {"learning_rate": 1e-4}, {}),
        (
            "adafactor-own-rate",
            {
                "optimizer": "adafactor",
                "learning_rate": 1e-4,
                "optimizer_config": {"adafactor": {"relative_step": False}},
            },
            {},
        ),
        ("decay-too-short", {"lr_schedule": cosine(1e-5, 100, 5e-6)}, {}),
        ("decay-too-long", {"lr_schedule": cosine(1e-5, 1000, warmup=100)}, {}),
        ("no-dropout", {}, {"rows": RowCounts(train=4000)}),
        ("no-dropout", {"grad_checkpoint": True}, {"rows": ROWS}),
        ("no-dropout", {}, {"rows": ROWS, "total_memory": 16 * GB}),
        ("no-dropout", {"fine_tune_type": "full"}, {"rows": ROWS}),
        ("masks-differ", {"grad_checkpoint": True}, {}),
        ("rare-validation", {"iters": 100}, {}),
        ("rare-validation", {"iters": 800}, {}),
        ("rare-validation", {"iters": 500}, {"rows": RowCounts(100, 0)}),
        ("saved-once", {"iters": 100}, {}),
        ("validated-more-often", {"steps_per_report": 50, "steps_per_eval": 50}, {}),
        ("validated-more-often", {"steps_per_report": 100, "steps_per_eval": 50}, {"rows": RowCounts(100, 0)}),
        ("validated-on-a-sample", {"val_batches": 25}, {"rows": ROWS}),
        ("validated-on-a-sample", {"val_batches": -1}, {"rows": ROWS}),
        ("num-layers-below-one", {"num_layers": -1}, {}),
        ("nothing-to-do", {"train": False, "test": True}, {}),
        ("optimizer-settings-unused", {"optimizer_config": {"adam": {"eps": 1e-6}, "sgd": {"momentum": 0.9}}}, {}),
        (
            "optimizer-setting-wrong",
            {"optimizer": "adafactor", "optimizer_config": {"adafactor": {"beta_1": None}}},
            {},
        ),
        ("tracker-unknown", {"report_to": ""}, {}),
        ("small-memory-batch", {}, {"total_memory": 18 * GB}),
        ("small-memory-batch", {GROUP: 32}, {"total_memory": 16 * GB, "rows": RowCounts(100)}),
        ("small-memory-batch", {"batch_size": 2, "max_seq_length": 512}, {"total_memory": 16 * GB}),
        ("small-memory-layers", {"num_layers": -1}, {"total_memory": 16 * GB, "depth": 16}),
        ("small-memory-accumulation", {"batch_size": 1, "iters": 79}, {"total_memory": 16 * GB}),
        ("small-memory-accumulation", {"batch_size": 1}, {"total_memory": 16 * GB, "rows": RowCounts(7)}),
    ],
)
def test_a_rule_is_silent_where_nothing_is_wrong(code, values, surroundings):
    assert code not in found(context_of(config_of(values), **surroundings))


def test_an_edited_rank_moves_the_strength_where_alpha_is_held():
    config = config_of({ALPHA: 16})
    assert "scale-strong" not in found(context_of(config))
    assert "scale-strong" in found(context_of(edit(config, RANK, 2)))


def test_too_few_rows_are_said_once_and_one_fix_serves_every_set():
    context = context_of(config_of({"test": True}), RowCounts(3, 2, 0))
    (finding,) = [finding for finding in check(context) if finding.level == "error"]
    assert "train.jsonl has 3 rows and valid.jsonl has 2 rows, fewer than batch_size 4" in finding.message
    assert "set batch_size to 2" in finding.message
    assert not [finding for finding in check(fixed(context, finding)) if finding.level == "error"]


def test_the_batch_fix_trains_the_same_rows_in_the_same_updates():
    context = context_of(config_of({GROUP: 4}), RowCounts(1600, 100), 16 * GB)
    mended = fixed(context, found(context)["small-memory-batch"])
    before, after = context.derived, mended.derived
    assert (after.effective_batch, after.updates, after.epochs) == (
        before.effective_batch,
        before.updates,
        before.epochs,
    )
    assert (after.evaluations, after.checkpoints) == (before.evaluations, before.checkpoints)
