"""A folder to start in: tiny models, data of short rows, and adapters that were trained on them.

Import the fixtures by name: `from tests.checks.world import here, world  # noqa: F401`.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_lm import utils

from tests.checks.stock_training import stock
from tests.models import architectures
from tests.tiny import tiny  # noqa: F401

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")
ROWS = {"train": 16, "valid": 8, "test": 8}
LARGE = {"train": 1600, "valid": 8, "test": 8}

SMALL = {"hidden_size": 32, "intermediate_size": 32}
BUILT: dict[str, tuple[str, dict[str, Any]]] = {
    "experts": ("mixtral", {"num_hidden_layers": 2}),
    "deep": ("llama", {"num_hidden_layers": 17, **SMALL}),
    "other-tree": ("cohere", SMALL),
}
"""Models by what is odd about them: one whose layers `app.models.layers` does not know for certain is `other-tree`."""

ADAPTERS: dict[str, dict[str, Any]] = {
    "trained": {"save_every": 1},
    "trained-shallow": {"num_layers": 1},
    "trained-dora": {"fine_tune_type": "dora"},
    "trained-full": {"fine_tune_type": "full"},
}


@pytest.fixture(scope="session")
def world(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """`model`, `model-4bit`, `model-6bit`, those of `BUILT`, broken ones, data of text and chat, and the folders of
    `ADAPTERS`: to be read alone."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copytree(tiny / "model", folder / "model")
    for bits in (4, 6):
        _quantized(folder / "model", folder / f"model-{bits}bit", bits)
    for name, (model_type, changes) in BUILT.items():
        _built(folder / name, tiny, model_type, changes)
    _broken_models(folder)
    for name, counts in (("data", ROWS), ("data-large", LARGE), ("d[/x]", ROWS)):
        (folder / name).mkdir(parents=True)
        for split, count in counts.items():
            rows = (json.dumps({"text": f"the boat {number} goes out"}) for number in range(count))
            (folder / name / f"{split}.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "chat").symlink_to(tiny / "data")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for name, changes in ADAPTERS.items():
            file = folder / f"{name}.yaml"
            file.write_text(json.dumps(native_mapping(adapter_path=name, **changes)))
            assert not stock(file).error
            file.unlink()
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def here(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own with the same in it, where it starts; what stands in it may be written to."""
    for path in world.iterdir():
        (tmp_path / path.name).symlink_to(path) if not path.name.startswith("trained") else shutil.copytree(
            path, tmp_path / path.name
        )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def native_mapping(**changes: Any) -> dict[str, Any]:
    """What trains the tiny model for two iterations, from within a world."""
    return {
        "model": "model",
        "data": "data",
        "train": True,
        "optimizer": "adamw",
        "num_layers": 2,
        "lora_parameters": {"rank": 4, "dropout": 0.0, "scale": 2.0},
        "learning_rate": 1e-4,
        "batch_size": 4,
        "iters": 2,
        "max_seq_length": 64,
        "steps_per_report": 1,
        "val_batches": 1,
        "adapter_path": "adapters",
        **changes,
    }


def _quantized(source: Path, target: Path, bits: int) -> None:
    model, _, config = utils.load(str(source), return_config=True)  # type: ignore[misc]
    model, config = utils.quantize_model(model, config, 32, bits)
    utils.save_model(target, model)
    utils.save_config(config, target / "config.json")
    _with_tokenizer(target, source.parent)


def _built(folder: Path, home: Path, model_type: str, changes: dict[str, Any]) -> None:
    """In float32: MLX's processor backend has no other product of experts, and a slow one of bfloat16."""
    architectures.build(folder, model_type, vocab_size=300, **changes)
    weights = folder / "model.safetensors"
    arrays = {name: array.astype(mx.float32) for name, array in mx.load(str(weights)).items()}
    mx.save_safetensors(str(weights), arrays, {"format": "mlx"})
    (folder / "model.safetensors.index.json").unlink()
    _with_tokenizer(folder, home)


def _broken_models(folder: Path) -> None:
    """Copies of `model` that lack something, and one under a name that is a pattern."""
    for name in ("garbled", "torn", "hollow", "unknown-type", "model[1]"):
        shutil.copytree(folder / "model", folder / name)
    (folder / "garbled" / "config.json").write_text("{")
    with (folder / "torn" / "model.safetensors").open("rb+") as file:
        file.truncate(5000)
    (folder / "hollow" / "model.safetensors").unlink()
    architectures.write_config(folder / "unknown-type", model_type="nonesuch")


def _with_tokenizer(folder: Path, home: Path) -> Path:
    for name in TOKENIZER:
        if (home / "model" / name).exists():
            shutil.copy(home / "model" / name, folder / name)
    return folder
