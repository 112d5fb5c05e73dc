"""mlx-lm's own training loop over a toy model: small enough to try a value in milliseconds."""

from typing import Any

import mlx.core as mx
import mlx.optimizers as optim
import numpy as np
from mlx import nn
from mlx_lm.tuner.datasets import CacheDataset
from mlx_lm.tuner.trainer import TrainingArgs, TrainingCallback, train
from mlx_lm.tuner.utils import linear_to_lora_layers

LAYERS = 2


class Layer(nn.Module):
    """One linear module, `proj`, with a residual connection."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(8, 8)

    def __call__(self, x):
        return x + self.proj(x)


class Toy(nn.Module):
    """A next-token model over 16 tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(16, 8)
        self.layers = [Layer() for _ in range(LAYERS)]

    def __call__(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.embedding.as_linear(x)


class Rows(list):
    """Rows that are tokens already."""

    def process(self, row):
        """The tokens, and the offset of the first one trained."""
        return (row, 0)


def rows(count: int) -> CacheDataset:
    """`count` rows of eight tokens."""
    return CacheDataset(Rows([list(range(1, 9)) for _ in range(count)]))


def toy(num_layers: int = LAYERS, **lora: Any) -> Toy:
    """A frozen toy model with LoRA layers as mlx-lm makes them."""
    mx.random.seed(0)
    model = Toy()
    model.freeze()
    linear_to_lora_layers(model, num_layers, {"rank": 2, "scale": 1.0, "dropout": 0.0} | lora)
    return model


class Recorder(TrainingCallback):
    """What mlx-lm reports, in order."""

    def __init__(self) -> None:
        self.train: list[dict[str, Any]] = []
        self.validation: list[dict[str, Any]] = []

    def on_train_loss_report(self, train_info):
        self.train.append(train_info)

    def on_val_loss_report(self, val_info):
        self.validation.append(val_info)


def train_toy(folder, model: Toy | None = None, **training: Any) -> Recorder:
    """Two iterations of mlx-lm's `train`, saved to `folder`; `training` overrides its arguments."""
    recorder = Recorder()
    np.random.seed(0)
    few = {"batch_size": 2, "iters": 2, "val_batches": 1, "steps_per_report": 1, "steps_per_eval": 1}
    train(
        model=model or toy(),
        optimizer=optim.Adam(learning_rate=1e-3),
        train_dataset=rows(4),
        val_dataset=rows(4),
        args=TrainingArgs(adapter_file=str(folder / "adapters.safetensors"), **few | training),
        training_callback=recorder,
    )
    return recorder
