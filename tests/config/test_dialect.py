"""What files mean: native, flat, mixed, older, partial, mistyped and plain wrong."""

from pathlib import Path
from typing import Any

import pytest

from app.config.config import Origin
from app.config.dialect import Dialect, Notice, Resolution, resolve
from app.config.document import parse, read
from app.config.stock import differences

REFERENCE = Path(__file__).parent / "fixtures" / "reference.yaml"


def _resolved(text: str) -> Resolution:
    return resolve(parse(text, Path("train.yaml")))


def _values(text: str, *keys: str) -> tuple[Any, ...]:
    config = _resolved(text).config
    return tuple(config.values[key] for key in keys)


def _only(resolution: Resolution) -> Notice:
    (notice,) = resolution.notices
    return notice


SCALE, RANK, DROPOUT = "lora_parameters.scale", "lora_parameters.rank", "lora_parameters.dropout"


def test_the_complete_example_of_the_reference() -> None:
    resolution = resolve(read(REFERENCE))
    config = resolution.config
    assert resolution.dialect is Dialect.FLAT and not resolution.problems
    shown = {key: config.values[key] for key in (RANK, SCALE, DROPOUT, "lora_alpha", "fine_tune_type", "iters")}
    assert shown == {
        RANK: 8, SCALE: 1.0, DROPOUT: 0.1, "lora_alpha": 8, "fine_tune_type": "lora", "iters": 1600,
    }  # fmt: skip
    assert config.alpha == 8
    assert {one.key: one.stock for one in differences(resolution.document, config)} == {SCALE: 20.0, DROPOUT: 0.0}
    notice = _only(resolution)
    assert (notice.code, notice.level, notice.line) == ("flat", "warning", 18)
    assert "lora_rank, lora_alpha, lora_dropout" in notice.message
    assert config.origins[SCALE] is Origin.FILE and config.origins["val_batches"] is Origin.DEFAULT


def test_native_speaks_for_itself() -> None:
    resolution = _resolved("lora_parameters: {rank: 16, scale: 2.0, dropout: 0.0, keys: [self_attn.q_proj]}\n")
    assert resolution.dialect is Dialect.NATIVE and not resolution.notices
    assert resolution.config.values["lora_alpha"] == 32 and resolution.config.alpha is None
    assert resolution.config.values["lora_parameters.keys"] == ["self_attn.q_proj"]


def test_both_standing_and_agreeing_leave_alpha_the_anchor() -> None:
    text = "lora_rank: 3\nlora_alpha: 8\nlora_parameters: {rank: 3, scale: 2.6666666666666665, dropout: 0.0}\n"
    resolution = _resolved(text)
    assert resolution.dialect is Dialect.MIXTURE and not resolution.notices
    assert resolution.config.alpha == 8 and resolution.config.values["lora_alpha"] == 8


@pytest.mark.parametrize(
    ("text", "key", "trained", "line", "alternative"),
    [
        ("lora_rank: 16\n", RANK, 8, 1, (RANK, 16)),
        ("lora_dropout: 0.3\n", DROPOUT, 0.0, 1, (DROPOUT, 0.3)),
        ("seed: 1\nlora_alpha: 8\n", SCALE, 2.0, 2, ("lora_alpha", 8)),
    ],
)
def test_native_wins_a_disagreement_and_either_is_offered(
    text: str, key: str, trained: Any, line: int, alternative: tuple[str, Any]
) -> None:
    resolution = _resolved(text + "lora_parameters: {rank: 8, scale: 2.0, dropout: 0.0}\n")
    assert resolution.config.values[key] == trained
    notice = _only(resolution)
    assert (notice.code, notice.level, notice.line) == ("disagreement", "error", line)
    assert notice.alternative == (alternative,)


@pytest.mark.parametrize(
    ("text", "method", "codes"),
    [
        ("use_dora: true\n", "dora", ["flat"]),
        ("use_dora: true\nfine_tune_type: lora\n", "dora", ["flat"]),
        ("use_dora: true\nfine_tune_type: dora\n", "dora", []),
        ("use_dora: true\nfine_tune_type: full\n", "full", ["disagreement"]),
        ("use_dora: false\nfine_tune_type: dora\n", "dora", ["disagreement"]),
        ("use_dora: false\nfine_tune_type: full\n", "full", []),
        ("use_dora: false\n", "lora", []),
    ],
)
def test_use_dora_beside_fine_tune_type(text: str, method: str, codes: list[str]) -> None:
    resolution = _resolved(text)
    assert resolution.config.values["fine_tune_type"] == method
    assert resolution.config.values["use_dora"] is (method == "dora")
    assert [notice.code for notice in resolution.notices] == codes


def test_a_partial_block_is_completed() -> None:
    resolution = _resolved("seed: 1\nlora_parameters:\n  rank: 16\n")
    assert [resolution.config.values[key] for key in (RANK, SCALE, DROPOUT)] == [16, 20.0, 0.0]
    notice = _only(resolution)
    assert (notice.code, notice.line) == ("incomplete", 2) and "scale, dropout" in notice.message


def test_alpha_inside_the_block_is_translated() -> None:
    text = "lora_parameters: {rank: 16, alpha: 32, dropout: 0.0}\n"
    assert _values(text, SCALE, "lora_alpha") == (2.0, 32)
    assert [notice.code for notice in _resolved(text).notices] == ["older-name", "incomplete"]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("lora_layers: 4\n", "num_layers", 4),
        ("learning-rate: 2e-5\n", "learning_rate", 2e-5),
        ("lora-rank: 4\n", RANK, 4),
        ("adapter_file: out/adapters.npz\n", "adapter_path", "out"),
        ("gradient_accumulation_steps: 8\n", "grad_accumulation_steps", 8),
        ("lora-parameters: {rank: 4, scale: 1.0, dropout: 0.0}\n", RANK, 4),
        ("lora_parameters: {r: 4, scale: 1.0, dropout: 0.0}\n", RANK, 4),
    ],
)
def test_older_names(text: str, key: str, value: Any) -> None:
    resolution = _resolved(text)
    assert resolution.config.values[key] == value
    assert "older-name" in {notice.code for notice in resolution.notices}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("iter: 5\n", "did you mean iters?"),
        ("lora_parameters: {rank: 8, scale: 1.0, dropout: 0.0, dropuot: 1}\n", "did you mean dropout?"),
        ("epochs: 3\n", "set iters"),
        ("weight_decay: 0.1\n", "optimizer_config"),
        ("my_own_note: x\n", "keep it"),
    ],
)
def test_unknown_keys_are_pointed_out(text: str, words: str) -> None:
    notice = _only(_resolved(text))
    assert (notice.code, notice.line) == ("unknown", 1) and words in notice.message


def test_a_file_gives_no_permission() -> None:
    resolution = _resolved("trust_remote_code: true\nclear_cache_threshold: 5\n")
    assert resolution.config.values["trust_remote_code"] is False
    assert resolution.config.values["clear_cache_threshold"] == 0
    assert [(notice.code, notice.line) for notice in resolution.notices] == [("ignored", 1), ("ignored", 2)]
    assert not _resolved("trust_remote_code: false\n").notices


def test_duplicates_warn_and_null_is_the_default() -> None:
    resolution = _resolved("iters: 5\niters: 7\nseed: null\n")
    assert resolution.config.values["iters"] == 7 and resolution.config.values["seed"] == 0
    assert (_only(resolution).code, _only(resolution).line) == ("duplicate", 2)
    assert resolution.config.origins["seed"] is Origin.DEFAULT


def test_bad_values_are_problems_with_place_and_raw_text() -> None:
    text = (
        'learning_rate: "1e-5" # lr\niters: 1e3\ngrad_checkpoint: "false"\nbatch_size: 0\n'
        "lora_parameters:\n  rank: 1.5\n  scale: 1.0\n  dropout: 0.0\n"
        "lr_schedule:\n    name: nope\n    arguments: [1]\n"
    )
    resolution = _resolved(text)
    assert [(problem.key, problem.line, problem.text) for problem in resolution.problems] == [
        ("learning_rate", 1, '"1e-5"'),
        ("iters", 2, "1e3"),
        ("grad_checkpoint", 3, '"false"'),
        ("batch_size", 4, "0"),
        (RANK, 6, "1.5"),
        ("lr_schedule", 9, "name: nope\narguments: [1]"),
    ]
    assert all(problem.message.endswith(".") for problem in resolution.problems)
    assert resolution.config.values["learning_rate"] == 1e-5
    assert resolution.config.origins["iters"] is Origin.DEFAULT


def test_a_block_that_is_no_mapping_is_a_problem() -> None:
    (problem,) = _resolved("lora_parameters: 8\n").problems
    assert (problem.key, problem.line, problem.text) == ("lora_parameters", 1, "8")


def test_optimizer_in_capitals_is_what_mlx_lm_makes_of_it() -> None:
    assert _values("optimizer: AdamW\n", "optimizer") == ("adamw",)


def test_merged_and_aliased_values_count() -> None:
    text = "base: &b {iters: 5, seed: yes}\n<<: *b\nbatch_size: 2\n"
    resolution = _resolved(text)
    assert resolution.config.values["iters"] == 5
    assert [(problem.key, problem.text) for problem in resolution.problems] == [("seed", "True")]
