"""The exact parts of an estimate, and that they are what MLX at least takes."""

from pathlib import Path

import mlx.core as mx
import mlx.optimizers as optim
import pytest
from mlx import nn
from mlx.utils import tree_flatten
from mlx_lm.tuner.datasets import CacheDataset
from mlx_lm.tuner.trainer import TrainingArgs, train
from mlx_lm.tuner.utils import linear_to_lora_layers

from app.memory.estimate import Part, exact_parts
from app.models.adapters import TrainedSizes
from app.models.facts import ModelFacts, Source


def facts(weight_bytes: int | None) -> ModelFacts:
    return ModelFacts(
        "m", Source.FOLDER, Path("m"), "llama", 2, 8, 16, 100, weight_bytes, "float32", None, {}, (), None, None
    )


def sizes(adapter_bytes: int, optimizer_bytes: int) -> TrainedSizes:
    return TrainedSizes(2, adapter_bytes // 4, None, adapter_bytes, optimizer_bytes)


def test_parts_are_added_up():
    estimate = exact_parts(facts(6_170), sizes(20, 40), full=False)
    assert estimate.parts == (Part("weights", 6_170), Part("adapter", 20), Part("optimizer", 40))
    assert estimate.low_bytes == 6_230
    assert estimate.peak_bytes is None
    assert estimate.high_bytes is None


def test_full_fine_tuning_counts_its_weights_once():
    assert exact_parts(facts(6_170), sizes(450, 900), full=True).parts == (
        Part("weights", 6_170),
        Part("optimizer", 900),
    )


def test_what_is_not_known_is_left_out():
    assert exact_parts(facts(6_170), None, full=False).parts == (Part("weights", 6_170),)
    assert exact_parts(facts(None), sizes(20, 40), full=False) is None


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(512, 512)

    def __call__(self, x):
        return x + self.proj(x)


class Wide(nn.Module):
    """A next-token model over 16 tokens whose weights outweigh everything else."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(16, 512)
        self.layers = [Layer() for _ in range(2)]

    def __call__(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.embedding.as_linear(x)


class Rows(list):
    def process(self, row):
        return (row, 0)


@pytest.fixture
def uncompiled():
    """Without it MLX compiles kernels for the processor first, for seconds."""
    mx.disable_compile()
    yield
    mx.enable_compile()


@pytest.mark.parametrize("full", [False, True])
def test_mlx_takes_at_least_the_exact_parts(uncompiled, tmp_path, full):
    model, optimizer = Wide(), optim.AdamW(learning_rate=1e-4)
    weights = _bytes(model.parameters())
    model.freeze()
    if full:
        model.layers[-1].unfreeze()
    else:
        linear_to_lora_layers(model, 2, {"rank": 64, "scale": 1.0, "dropout": 0.0})
    mx.eval(model.parameters())
    mx.clear_cache()
    mx.reset_peak_memory()
    before = mx.get_active_memory() - _bytes(model.parameters())  # of other tests in this process
    train(
        model=model,
        optimizer=optimizer,
        train_dataset=CacheDataset(Rows([list(range(8))] * 4)),
        args=TrainingArgs(batch_size=1, iters=3, adapter_file=str(tmp_path / "adapters.safetensors")),
    )
    peak = mx.get_peak_memory() - before
    trained = sizes(_bytes(model.trainable_parameters()), _bytes(optimizer.state))
    low = exact_parts(facts(weights), trained, full=full).low_bytes
    assert low <= peak < 3 * low


def _bytes(tree) -> int:
    return sum(array.nbytes for _, array in tree_flatten(tree))
