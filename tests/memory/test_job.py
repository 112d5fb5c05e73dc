"""What is asked of the tracer, and which trainings are of one structure."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.data.lengths import Lengths, SetLengths
from app.memory.family import Point
from app.memory.job import Widths, in_four_bits, job_of, rows_bytes
from app.models.facts import ModelFacts, Source
from tests.memory.jobs import job

HERE = "cpu, mlx 0.32.4, mlx-lm 0.32.2"


def structure(**changes) -> str:
    return job(**changes).structure(HERE)


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 33},
        {"learning_rate": 1e-3},
        {"iters": 5},
        {"max_seq_length": 100},
        {"mask_prompt": True},
        {"seed": 1},
        {"lora_parameters": {"rank": 8, "dropout": 0.0, "scale": 1.0}},
    ],
)
def test_what_changes_no_graph_makes_no_other_structure(changes):
    assert structure(**changes) == structure()


@pytest.mark.parametrize(
    "changes",
    [
        {"batch": 2},
        {"num_layers": 1},
        {"rank": 4},
        {"fine_tune_type": "dora"},
        {"optimizer": "sgd"},
        {"optimizer_config": {"adamw": {"weight_decay": 0.1}}},
        {"lr_schedule": {"name": "cosine_decay", "arguments": [1e-5, 100]}},
        {"grad_checkpoint": True},
        {"grad_accumulation_steps": 2},
        {"grad_accumulation_steps": 3},
        {"lora_parameters": {"rank": 8, "dropout": 0.1, "scale": 20.0}},
        {"lora_parameters": {"rank": 8, "dropout": 0.0, "scale": 20.0, "keys": ["self_attn.q_proj"]}},
        {"model_type": "qwen3"},
    ],
)
def test_what_changes_the_graph_does(changes):
    assert structure(**changes) != structure()


def test_more_than_one_row_is_one_structure_and_so_are_three_steps_and_more():
    assert structure(batch=2) == structure(batch=7)
    assert structure(grad_accumulation_steps=3) == structure(grad_accumulation_steps=16)
    assert structure(grad_accumulation_steps=2) != structure(grad_accumulation_steps=3)


def test_another_installation_or_the_weights_make_another():
    assert job().structure("metal, mlx 0.32.4, mlx-lm 0.32.2") != structure()
    assert replace(job(), has_weights=True).structure(HERE) != structure()


def test_the_request_is_of_the_folder_where_the_weights_are_there():
    without, whole = job(), replace(job(), has_weights=True, trusts_remote_code=True)
    asked = without.request(Point(3, 65))
    assert (asked.model, asked.model_config, asked.batch, asked.width) == (None, without.model_config, 3, 65)
    asked = whole.request(Point(1, 33))
    assert (asked.model, asked.model_config, asked.trusts_remote_code) == ("nowhere", None, True)


@pytest.mark.parametrize(
    ("entries", "widths"),
    [
        ({"vocab_size": 10, "intermediate_size": 20}, Widths(10, 20)),
        ({"text_config": {"vocab_size": 10, "intermediate_size": 20}}, Widths(10, 20)),
        ({}, Widths(None, None)),
        ({"vocab_size": "10", "intermediate_size": [1, 2]}, Widths(None, None)),
    ],
)
def test_the_widths_are_those_of_the_text_model(entries, widths):
    assert replace(job(), model_config=entries).widths == widths


def facts(folder: Path | None, **changes) -> ModelFacts:
    plain = ModelFacts("m", Source.FOLDER, folder, "llama", 2, 8, 16, 100, 400, "float32", None, {}, (), None, None)
    return replace(plain, **changes)


def test_a_job_is_of_a_model_that_is_here(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))

    def of(**changes):
        return job_of(facts(tmp_path, **changes), {}, Point(1, 33), trusts_remote_code=False)

    before = of()
    assert before.model_config == {"model_type": "llama"}
    assert not before.has_weights
    assert of().model_identity == before.model_identity
    assert of(dtype="bfloat16").model_identity != before.model_identity
    (tmp_path / "config.json").write_text('{"model_type": "llama", "vocab_size": 5}')
    assert of().model_identity != before.model_identity


@pytest.mark.parametrize("content", [None, "", "{", "[]", "null"])
def test_without_a_config_there_is_no_job(tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    assert job_of(facts(tmp_path), {}, Point(1, 33), trusts_remote_code=False) is None
    assert job_of(facts(None), {}, Point(1, 33), trusts_remote_code=False) is None


def test_a_base_in_four_bits_is_another_structure_of_a_config_alone():
    packed = in_four_bits(replace(job(), has_weights=True))
    assert packed.request(Point(1, 33)).model_config["quantization"] == {"group_size": 64, "bits": 4}
    assert packed.structure(HERE) != structure()
    assert in_four_bits(packed) is None
    assert in_four_bits(job(fine_tune_type="full")) is None


def test_tokenized_rows_take_what_their_tokens_take():
    assert rows_bytes(None) == 0
    train, valid = SetLengths(((100, 4),)), SetLengths(((50, 2),))
    assert rows_bytes(Lengths(train, valid)) == (train.tokens + valid.tokens) * 36
