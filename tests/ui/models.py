"""Models on disk that weigh nothing: true headers, and files of the true size with nothing in them."""

import json
import os
from pathlib import Path
from typing import Any

from app.ui.app import TunedeckApp
from app.wire.module_tree import Growth, Layer, ModuleTree, Target

SMOLLM3 = {
    "model_type": "smollm3", "hidden_size": 2048, "num_hidden_layers": 36, "intermediate_size": 11008,
    "num_attention_heads": 16, "num_key_value_heads": 4, "vocab_size": 128256, "tie_word_embeddings": True,
}  # fmt: skip
SMALL = {
    "model_type": "llama", "hidden_size": 576, "num_hidden_layers": 30, "intermediate_size": 1536,
    "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152, "tie_word_embeddings": True,
}  # fmt: skip
UNKNOWN = SMALL | {"model_type": "whisper"}


def model_folder(folder: Path, config: dict[str, Any] = SMALL, whole: bool = True) -> Path:
    """A bfloat16 model of the shape in `config`; one that is not `whole` misses its second file."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    _write_weights(folder / "model-1.safetensors", _shapes(config))
    names = ["model-1.safetensors"] if whole else ["model-1.safetensors", "model-2.safetensors"]
    index = {"weight_map": {f"part {name}": name for name in names}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def cached_model(name: str, config: dict[str, Any] = SMALL, whole: bool = True) -> Path:
    """The same in the local Hugging Face cache."""
    repository = Path(os.environ["HF_HOME"]) / "hub" / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("a" * 40)
    return model_folder(repository / "snapshots" / ("a" * 40), config, whole)


def three_models() -> None:
    """One that trains, one that is not whole, and one that mlx-lm cannot train."""
    cached_model("HuggingFaceTB/SmolLM3-3B", SMOLLM3)
    cached_model("mlx-community/SmolLM-135M", whole=False)
    cached_model("openai/whisper-small", UNKNOWN)


def smollm3_tree() -> ModuleTree:
    """What the engine lists of SmolLM3-3B."""
    shapes = {
        "self_attn.q_proj": (2048, 2048), "self_attn.k_proj": (2048, 512), "self_attn.v_proj": (2048, 512),
        "self_attn.o_proj": (2048, 2048), "mlp.gate_proj": (2048, 11008), "mlp.down_proj": (11008, 2048),
        "mlp.up_proj": (2048, 11008),
    }  # fmt: skip
    targets = {name: _target("Linear", *shape) for name, shape in shapes.items()}
    layers = tuple(Layer(f"model.layers.{at}", targets, frozenset({"self_attn", "mlp"})) for at in range(36))
    outside = {"model.embed_tokens": _target("Embedding", 128256, 2048)}
    return ModuleTree(layers, outside, frozenset({"model", "model.norm"}), 3_075_098_624)


def knows_modules(app: TunedeckApp) -> None:
    """The modules of the model that is chosen have been looked at before."""
    job = app.session.snapshot.model.job
    app.module_trees[job.folder, job.model_identity, job.has_weights, False] = smollm3_tree()


def _target(kind: str, inputs: int, outputs: int) -> Target:
    both = inputs + outputs
    return Target(kind, inputs, outputs, None, None, Growth(0, both), Growth(outputs, both))


def _shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    width, inner = config["hidden_size"], config["intermediate_size"]
    key_width = width * config["num_key_value_heads"] // config["num_attention_heads"]
    layer = {
        "self_attn.q_proj": (width, width), "self_attn.k_proj": (key_width, width),
        "self_attn.v_proj": (key_width, width), "self_attn.o_proj": (width, width),
        "mlp.gate_proj": (inner, width), "mlp.up_proj": (inner, width), "mlp.down_proj": (width, inner),
        "input_layernorm": (width,), "post_attention_layernorm": (width,),
    }  # fmt: skip
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], width), "model.norm.weight": (width,)}
    for at in range(config["num_hidden_layers"]):
        shapes |= {f"model.layers.{at}.{name}.weight": shape for name, shape in layer.items()}
    return shapes


def _write_weights(path: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    entries, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        entries[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + end)  # a hole: it takes no room on the disk
