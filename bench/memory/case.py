"""One training of the grid: a small model of a real architecture, and how it is trained."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

_ARCHITECTURES: dict[str, dict[str, Any]] = {
    "llama": {},
    "qwen2": {},
    "qwen3": {"rope_theta": 1e6},
    "smollm3": {"no_rope_layer_interval": 4},
    "gemma2": {},
    "gemma3_text": {"sliding_window": 64, "sliding_window_pattern": 3},
    "phi3": {},
    "olmo2": {},
    "mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
}
"""What each config.json has that the others have not."""

ARCHITECTURES = tuple(_ARCHITECTURES)


def encode(case: "Case") -> str:
    """As a process gets it."""
    return json.dumps(asdict(case))


def decode(line: str) -> "Case":
    return Case(**json.loads(line))


@dataclass(frozen=True)
class Case:
    architecture: str
    hidden: int = 256
    layers: int = 4
    vocabulary: int = 4096
    heads: int = 8
    kv_heads: int = 2
    tied: bool = True
    dtype: str = "float32"
    bits: int | None = None
    """Of a quantized base."""
    batch: int = 1
    tokens: int = 128
    """Of each row."""
    max_seq_length: int = 2048
    training: Mapping[str, Any] = field(default_factory=dict)
    """The other keys of the native configuration that are not at their defaults."""
    held_out: bool = False
    """Drawn at random, and never looked at while a rule was worked on."""

    def __str__(self) -> str:
        base = self.dtype if self.bits is None else f"{self.dtype} {self.bits}-bit"
        model = f"{self.architecture} h{self.hidden} n{self.layers} v{self.vocabulary} {base}"
        return f"{model}, {self.batch} x {self.width}, {' '.join(self._trained())}"

    @property
    def width(self) -> int:
        """Of the padded batch (`mlx_lm.tuner.trainer.iterate_batches`)."""
        return min(1 + 32 * -(-self.tokens // 32), self.max_seq_length)

    @property
    def accumulated(self) -> int:
        return int(self.training.get("grad_accumulation_steps", 1))

    @property
    def iterations(self) -> int:
        """Three updates: the first has no optimizer state yet, and the second compiles the kernels of the third."""
        return 3 * self.accumulated

    @property
    def model_config(self) -> dict[str, Any]:
        """Its config.json."""
        return {
            "model_type": self.architecture,
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "intermediate_size": 3 * self.hidden,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.hidden // self.heads,
            "rms_norm_eps": 1e-6,
            "vocab_size": self.vocabulary,
            "max_position_embeddings": 4096,
            "tie_word_embeddings": self.tied,
            "torch_dtype": self.dtype,
            **_ARCHITECTURES[self.architecture],
        }

    @property
    def config(self) -> dict[str, Any]:
        """The native configuration."""
        return {
            "train": True,
            "num_layers": self.layers,
            "batch_size": self.batch,
            "iters": self.iterations,
            "max_seq_length": self.max_seq_length,
            "val_batches": 1,
            "steps_per_report": 1,
            "optimizer": "adamw",
            "learning_rate": 1e-5,
            **self.training,
        }

    def _trained(self) -> list[str]:
        lora, kind = self.training.get("lora_parameters", {}), self.training.get("fine_tune_type", "lora")
        words = [kind if kind == "full" else f"{kind} r{lora.get('rank', 8)}"]
        words += [f"{len(lora['keys'])} keys"] if "keys" in lora else []
        words += ["dropout"] if lora.get("dropout") else []
        words += [f"{self.training['num_layers']} layers"] if "num_layers" in self.training else []
        words += [self.training["optimizer"]] if "optimizer" in self.training else []
        words += [f"accumulate {self.accumulated}"] if self.accumulated > 1 else []
        return words + ["checkpoint"] * bool(self.training.get("grad_checkpoint"))
