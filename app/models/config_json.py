"""What a model's config.json says, whatever its author called it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.models.facts import ModelError, Quantization

_LAYERS = ("num_hidden_layers", "n_layers", "num_layers", "n_layer")
_HIDDEN = ("hidden_size", "n_embd", "d_model", "hidden_dim", "dim")


def read_config(path: Path) -> dict[str, Any]:
    """The object in a config.json; its `model_type` is text. Raises ModelError."""
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        what = "has no config.json" if path.parent.is_dir() else "is a file"
        raise ModelError(f"{path.parent} {what}, so it is not a model folder.") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}).") from None
    return parse_config(text, str(path))


def parse_config(text: bytes, origin: str) -> dict[str, Any]:
    """The same for a text that came from `origin`. Raises ModelError."""
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{origin} is not JSON ({error}): mend it or get it again.") from None
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise ModelError(f"{origin} names no model_type, so mlx-lm cannot tell which model it is.")
    return config


def layer_count(config: Mapping[str, Any]) -> int | None:
    """How many layers the model has."""
    return _count(config, _LAYERS)


def hidden_size(config: Mapping[str, Any]) -> int | None:
    """Dimensions of the stream between the layers."""
    return _count(config, _HIDDEN)


def vocabulary(config: Mapping[str, Any]) -> int | None:
    """Rows of the embedding."""
    return _count(config, ("vocab_size",))


def dtype(config: Mapping[str, Any]) -> str | None:
    """What the weights were saved in, such as `bfloat16`."""
    for part in _parts(config):
        for key in ("dtype", "torch_dtype"):
            if isinstance(part.get(key), str):
                return part[key].removeprefix("torch.")
    return None


def is_quantized(config: Mapping[str, Any]) -> bool:
    """Whether the weights are packed in any way, known here or not."""
    return bool(_quantization_block(config))


def quantization(config: Mapping[str, Any]) -> Quantization | None:
    """MLX's affine quantization; None for none, and for any other."""
    block = _quantization_block(config)
    if not isinstance(block, Mapping) or "quant_method" in block:
        return None
    others = {path: _packing(entry) for path, entry in block.items() if isinstance(entry, Mapping)}
    known = {path: packing for path, packing in others.items() if packing}
    main = _packing(block)
    return Quantization(main.bits, main.group_size, known) if main and len(known) == len(others) else None


def _quantization_block(config: Mapping[str, Any]) -> Any:
    """mlx-lm reads `quantization` first, and the older key in text_config too (mlx_lm.utils.load_model)."""
    found = [config.get("quantization"), *(part.get("quantization_config") for part in _parts(config))]
    return next((block for block in found if block is not None), None)


def _packing(block: Mapping[str, Any]) -> Quantization | None:
    bits, group_size = _positive(block, "bits"), _positive(block, "group_size")
    if bits is None or bits > 8 or group_size is None or block.get("mode", "affine") != "affine":
        return None
    return Quantization(bits, group_size)


def _count(config: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    for part in _parts(config):
        for key in keys:
            if count := _positive(part, key):
                return count
    return None


def _positive(block: Mapping[str, Any], key: str) -> int | None:
    value = block.get(key)
    return value if type(value) is int and value > 0 else None


def _parts(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The config, and the part on text in one of a model that also sees."""
    text = config.get("text_config")
    return [config, text] if isinstance(text, Mapping) else [config]
