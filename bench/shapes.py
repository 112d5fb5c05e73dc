"""Real models as their config.json has them: what is traced needs no weights."""

from typing import Any

_COMMON = {"dtype": "bfloat16", "max_position_embeddings": 32_768, "rope_theta": 1e6}
_LLAMA = _COMMON | {"model_type": "llama", "rms_norm_eps": 1e-5, "num_key_value_heads": 8}
_FOUR_BIT = {"quantization": {"group_size": 64, "bits": 4}}

SHAPES: dict[str, dict[str, Any]] = {
    "SmolLM3-3B": _COMMON | {
        "model_type": "smollm3", "hidden_size": 2048, "num_hidden_layers": 36, "intermediate_size": 11_008,
        "num_attention_heads": 16, "num_key_value_heads": 4, "vocab_size": 128_256, "tie_word_embeddings": True,
        "no_rope_layer_interval": 4, "rms_norm_eps": 1e-6,
    },
    "Qwen3-0.6B": _COMMON | {
        "model_type": "qwen3", "hidden_size": 1024, "num_hidden_layers": 28, "intermediate_size": 3072,
        "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936,
        "tie_word_embeddings": True, "rms_norm_eps": 1e-6,
    },
    "Llama-3.2-1B": _LLAMA | {
        "hidden_size": 2048, "num_hidden_layers": 16, "intermediate_size": 8192, "num_attention_heads": 32,
        "head_dim": 64, "vocab_size": 128_256, "tie_word_embeddings": True,
    },
    "Mistral-7B 4-bit": _LLAMA | _FOUR_BIT | {
        "hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 14_336, "num_attention_heads": 32,
        "vocab_size": 32_768, "tie_word_embeddings": False,
    },
    "Gemma-2-2B": _COMMON | {
        "model_type": "gemma2", "hidden_size": 2304, "num_hidden_layers": 26, "intermediate_size": 9216,
        "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 256_000,
        "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256,
    },
    "Phi-3-mini": _COMMON | {
        "model_type": "phi3", "hidden_size": 3072, "num_hidden_layers": 32, "intermediate_size": 8192,
        "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32_064, "rms_norm_eps": 1e-5,
        "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
    },
    "Llama-3.1-8B 4-bit": _LLAMA | _FOUR_BIT | {
        "hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 14_336, "num_attention_heads": 32,
        "vocab_size": 128_256, "tie_word_embeddings": False,
    },
}  # fmt: skip
