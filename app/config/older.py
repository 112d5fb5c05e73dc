"""Former and foreign names whose value is another than that of the parameter they mean.

`adapter_file`, of older mlx-lm, is a file where `adapter_path` is its folder. PEFT's `target_modules`, which other
trainers call otherwise, are short names where `lora_parameters.keys` are paths. Axolotl's `train_on_inputs` is the
opposite of `mask_prompt`.
"""

from pathlib import PurePath
from typing import Any

_ADAPTER_FILES = ("adapter_file",)
_MODULES = ("target_modules", "lora_target_modules", "lora_target")
_OPPOSITES = ("train_on_inputs", "train_on_prompt")

_ALL = ("all", "all-linear", "all_linear")
"""What PEFT and LLaMA-Factory call every linear module, which mlx-lm trains where no keys are given."""

_PATHS = {
    **{name: f"self_attn.{name}" for name in ("q_proj", "k_proj", "v_proj", "o_proj")},
    **{name: f"mlp.{name}" for name in ("gate_proj", "up_proj", "down_proj")},
}
"""Where most models have them: Llama's layout, which Qwen, Mistral, Gemma and SmolLM share."""


def meaning(name: str, value: Any) -> Any:
    """What an entry of this name says of its parameter; the value itself for a name that is no more than a name."""
    plain = name.replace("-", "_")
    if plain in _ADAPTER_FILES and isinstance(value, str):
        return str(PurePath(value).parent)
    if plain in _OPPOSITES and isinstance(value, bool):
        return not value
    return _paths(value) if plain in _MODULES else value


def written(name: str, value: Any) -> Any:
    """The value of an entry of this name that says `value` of its parameter."""
    plain = name.replace("-", "_")
    if plain in _ADAPTER_FILES:
        return str(PurePath(value) / "adapters.safetensors")
    return not value if plain in _OPPOSITES else value


def _paths(modules: Any) -> Any:
    """A list, or names with commas between them, which LLaMA-Factory takes."""
    if modules in _ALL:
        return None
    names = [name.strip() for name in modules.split(",")] if isinstance(modules, str) else modules
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return modules
    return [_PATHS.get(name, name) for name in names]
