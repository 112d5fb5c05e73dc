"""Each hard bound of the registry is where mlx-lm itself fails, hangs, yields NaN or trains nothing."""

import math

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten
from mlx_lm.tuner.trainer import evaluate, iterate_batches

from app.config.registry import BY_KEY, PARAMETERS
from tests.config.toy_training import LAYERS, rows, toy, train_toy


@pytest.fixture(autouse=True, scope="module")
def uncompiled():
    """Compiling the toy's step takes seconds and changes nothing here."""
    mx.disable_compile()
    yield
    mx.enable_compile()


@pytest.mark.parametrize(
    ("key", "argument"),
    [
        ("batch_size", "batch_size"),
        ("steps_per_report", "steps_per_report"),
        ("steps_per_eval", "steps_per_eval"),
        ("save_every", "steps_per_save"),
        ("grad_accumulation_steps", "grad_accumulation_steps"),
        ("max_seq_length", "max_seq_length"),
    ],
)
def test_below_the_minimum_training_fails_and_at_it_it_runs(tmp_path, key, argument):
    minimum = BY_KEY[key].minimum
    assert minimum is not None
    with pytest.raises((ValueError, ZeroDivisionError)):
        train_toy(tmp_path, **{argument: minimum - 1})
    report = train_toy(tmp_path, **{argument: minimum}).train[-1]
    assert math.isfinite(report["train_loss"])


def test_a_negative_batch_size_has_no_batches_to_loop_over():
    assert list(iterate_batches(rows(4), batch_size=-1, max_seq_length=8)) == []


def test_zero_iterations_train_nothing_and_save_an_adapter(tmp_path):
    assert BY_KEY["iters"].minimum == 1
    assert train_toy(tmp_path, iters=0).train == []
    assert (tmp_path / "adapters.safetensors").exists()
    assert len(train_toy(tmp_path, iters=1).train) == 1


@pytest.mark.parametrize("key", ["val_batches", "test_batches"])
def test_no_batches_or_fewer_than_minus_one_give_nan(key):
    parameter = BY_KEY[key]
    assert (parameter.minimum, parameter.forbidden) == (-1, (0,))
    losses = {n: evaluate(toy(), rows(4), batch_size=2, num_batches=n) for n in (-2, -1, 0, 1)}
    assert [n for n, loss in losses.items() if math.isnan(loss)] == [-2, 0]


def test_rank_below_one_fails_or_learns_nothing(tmp_path):
    assert BY_KEY["lora_parameters.rank"].minimum == 1
    with pytest.raises(ValueError):
        toy(rank=-1)
    untouched = train_toy(tmp_path, toy(rank=0)).train
    assert untouched[0]["train_loss"] == untouched[1]["train_loss"]
    learning = train_toy(tmp_path, toy(rank=1)).train
    assert learning[1]["train_loss"] < learning[0]["train_loss"]


def test_dropout_is_from_zero_to_below_one():
    parameter = BY_KEY["lora_parameters.dropout"]
    assert (parameter.minimum, parameter.maximum, parameter.forbidden) == (0, 1, (1,))
    for outside in (-0.01, 1):
        with pytest.raises(ValueError, match="not in"):
            toy(dropout=outside)
    toy(dropout=0)
    toy(dropout=0.99)


def test_an_empty_list_of_modules_has_nothing_to_train(tmp_path):
    with pytest.raises(ValueError, match="at least one argument"):
        train_toy(tmp_path, toy(keys=[]))


def test_seed_is_what_numpy_takes():
    parameter = BY_KEY["seed"]
    for outside in (parameter.minimum - 1, parameter.maximum + 1):
        with pytest.raises(ValueError):
            np.random.seed(outside)
    for inside in (parameter.minimum, parameter.maximum):
        np.random.seed(inside)
        mx.random.seed(inside)


@pytest.mark.parametrize(("num_layers", "adapted"), [(1, 1), (LAYERS, LAYERS), (0, LAYERS), (-7, LAYERS)])
def test_num_layers_needs_no_bound_as_any_below_one_means_all(num_layers, adapted):
    assert BY_KEY["num_layers"].minimum is None
    trained = [name for name, _ in tree_flatten(toy(num_layers).trainable_parameters())]
    assert len([name for name in trained if name.endswith("lora_a")]) == adapted


def test_no_bound_stands_unproven():
    bounded = {p.key for p in PARAMETERS if (p.minimum, p.maximum) != (None, None) or p.forbidden}
    assert bounded == {
        "batch_size", "iters", "max_seq_length", "grad_accumulation_steps", "steps_per_report",
        "steps_per_eval", "save_every", "val_batches", "test_batches", "lora_parameters.rank",
        "lora_parameters.dropout", "seed",
    }  # fmt: skip
