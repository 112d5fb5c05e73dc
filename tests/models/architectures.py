"""Tiny models of many architectures, built, quantized and saved by mlx-lm itself."""

import json
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm import utils

COMMON = {
    "hidden_size": 64, "num_hidden_layers": 3, "intermediate_size": 128, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 16, "rms_norm_eps": 1e-6, "vocab_size": 128,
    "max_position_embeddings": 256, "rope_theta": 10000.0, "tie_word_embeddings": False,
}  # fmt: skip
MOE = {
    "num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 64,
    "shared_expert_intermediate_size": 64, "norm_topk_prob": True, "decoder_sparse_step": 1, "mlp_only_layers": [],
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "ernie4_5": {"use_bias": True},
    "exaone4": {"rope_scaling": None, "sliding_window": 8, "sliding_window_pattern": "LLG"},
    "gemma3": {"text_config": {"model_type": "gemma3_text", **COMMON}},
    "glm4": {"attention_bias": True, "partial_rotary_factor": 0.5},
    "granite": {
        "logits_scaling": 1.0, "attention_multiplier": 1.0, "embedding_multiplier": 1.0, "residual_multiplier": 1.0,
        "attention_bias": False, "mlp_bias": False,
    },
    "helium": {"attention_bias": False, "mlp_bias": False},
    "internlm3": {"qkv_bias": True},
    "llama": {"attention_bias": True, "mlp_bias": True},
    "minicpm": {"dim_model_base": 64, "scale_depth": 1.0, "scale_emb": 1.0},
    "mixtral": MOE,
    "mistral": {"tie_word_embeddings": True},
    "olmo3": {"sliding_window": 8, "layer_types": ["sliding_attention", "full_attention", "full_attention"]},
    "olmoe": MOE,
    "phi": {"num_key_value_heads": 4},
    "qwen2_moe": MOE,
    "qwen3_moe": {**MOE, "mlp_only_layers": [0]},
    "stablelm": {"use_qkv_bias": True, "partial_rotary_factor": 0.5, "layer_norm_eps": 1e-5, "qk_layernorm": True},
}  # fmt: skip


def config_of(model_type: str) -> dict[str, Any]:
    """A config.json of three layers."""
    return {"model_type": model_type, **COMMON, **OWN.get(model_type, {})}


def build(folder: Path, model_type: str, bits: int | None = None, **changes: Any) -> Path:
    """Save a bfloat16 model, or one quantized to `bits`, as mlx-lm's convert does."""
    config = config_of(model_type) | changes
    model_class, args_class = utils._get_classes(config)
    model = model_class(args_class.from_dict(config))
    model.set_dtype(mx.bfloat16)
    if hasattr(model, "sanitize"):
        model.load_weights(list(model.sanitize(dict(tree_flatten(model.parameters()))).items()))
    if bits:
        model, config = utils.quantize_model(model, config, 32, bits)
    utils.save_model(folder, model)
    utils.save_config(config, folder / "config.json")
    return folder


def store_experts_one_by_one(folder: Path, names: dict[str, str]) -> None:
    """Rewrite a model's weights as Hugging Face stores them: `names` are its own of gate_proj, up_proj, down_proj."""
    weights: dict[str, mx.array] = {}
    for name, weight in mx.load(str(folder / "model.safetensors")).items():
        block, found, rest = name.partition(".switch_mlp.")
        if not found:
            weights[name] = weight
            continue
        module = rest.removesuffix(".weight")
        weights |= {f"{block}.experts.{e}.{names[module]}.weight": expert for e, expert in enumerate(weight)}
    mx.save_safetensors(str(folder / "model.safetensors"), weights, {"format": "pt"})
    (folder / "model.safetensors.index.json").unlink()


def write_config(folder: Path, **changes: Any) -> Path:
    """Change entries of a model's config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder
