"""A model of its config.json alone, as mlx-lm would load it if all its weights were there."""

import contextlib
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from typing import Any

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm import utils
from mlx_lm.models.bitlinear_layers import bitnet_quantize

from app.engine.failures import Failure

_DTYPES = {"float32": mx.float32, "float16": mx.float16, "bfloat16": mx.bfloat16}

_PACKED = {
    "mxfp4": {"group_size": 32, "bits": 4, "mode": "mxfp4"},
    "mxfp8": {"group_size": 32, "bits": 8, "mode": "mxfp8"},
}
"""As in `mlx_lm.utils.load_model`, for the quantizations of other libraries that MLX takes packed."""


def model_of(entries: Mapping[str, Any]) -> nn.Module:
    """The model in evaluation mode, its weights unmade. Raises Failure, or what mlx-lm raises."""
    config: dict[str, Any] = utils._decode_tagged_floats(dict(entries))
    if config.get("model_file") is not None:
        raise Failure("model: its architecture is a file of its own (model_file): download the model to trace it.")
    if config.get("quantize_activations"):
        raise Failure("model: quantize_activations is only known from its weights: download the model to trace it.")
    model_class, args_class = utils._get_classes(config)
    model = model_class(args_class.from_dict(config))
    _tie(model, config)
    _cast(model, _DTYPES.get(str(_of(config, "dtype") or _of(config, "torch_dtype")), mx.bfloat16))
    model = _quantized(model, config)
    model.eval()
    return model


def _of(config: Mapping[str, Any], key: str) -> Any:
    """The entry, which a multimodal config may have with its text model."""
    return config.get(key, (config.get("text_config") or {}).get(key))


def _tie(model: nn.Module, config: Mapping[str, Any]) -> None:
    """Some models have an output layer until they see weights without one; transformers ties unless told otherwise."""
    if _of(config, "tie_word_embeddings") is False:
        return
    for module in model.modules():
        asks_weights = not hasattr(getattr(module, "args", None), "tie_word_embeddings")
        if "lm_head" in module and asks_weights and hasattr(module, "sanitize"):
            with contextlib.suppress(KeyError):  # one that looks for weights has no such layer to drop
                module.sanitize({})


def _cast(model: nn.Module, dtype: mx.Dtype) -> None:
    """As `mlx_lm.convert` does: a model may except weights."""
    casts: Callable[[str], bool] = getattr(model, "cast_predicate", lambda path: True)
    weights: list[tuple[str, mx.array]] = tree_flatten(model.parameters())  # type: ignore[assignment]
    floats = [(path, weight) for path, weight in weights if mx.issubdtype(weight.dtype, mx.floating)]
    model.update(tree_unflatten([(path, weight.astype(dtype)) for path, weight in floats if casts(path)]))


def _quantized(model: nn.Module, config: Mapping[str, Any]) -> nn.Module:
    if ours := config.get("quantization"):
        return _packed(model, ours, _converted(model, ours))
    theirs = _of(config, "quantization_config")
    if not theirs:
        return model
    if theirs.get("quant_method") == "bitnet":
        return bitnet_quantize(model, theirs)
    settings = _settings(theirs)
    return model if settings is None else _packed(model, settings, _foreign(theirs))


def _packed(model: nn.Module, settings: Mapping[str, Any], is_packed: Callable[[str, nn.Module], Any]) -> nn.Module:
    nn.quantize(
        model,
        group_size=settings["group_size"],
        bits=settings["bits"],
        mode=settings.get("mode", "affine"),
        class_predicate=is_packed,
    )
    return model


def _converted(model: nn.Module, settings: Mapping[str, Any]) -> Callable[[str, nn.Module], Any]:
    """What `mlx_lm.utils.quantize_model` packs; the modules that it treats apart stand in the config."""
    wanted: Callable[[str, nn.Module], Any] = getattr(model, "quant_predicate", None) or (lambda path, module: True)

    def is_packed(path: str, module: nn.Module) -> Any:
        if path in settings:
            return settings[path]
        if not hasattr(module, "to_quantized") or module.weight.shape[-1] % settings["group_size"]:
            return False
        return bool(wanted(path, module))

    return is_packed


def _settings(theirs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """MLX's for another library's quantization, as in `mlx_lm.utils.load_model`; None if it unpacks that."""
    method = theirs.get("quant_method")
    if method in ("awq", "gptq"):
        return {"group_size": theirs.get("group_size", 128), "bits": 4}
    if method == "compressed-tensors":
        return utils._compressed_tensors_quantization(dict(theirs))
    if method == "modelopt":
        return {"group_size": theirs.get("quantization", theirs).get("group_size", 16), "bits": 4, "mode": "nvfp4"}
    if method == "fp8" and theirs.get("scale_fmt") == "ue8m0" and theirs.get("weight_block_size") == [32, 32]:
        return _PACKED["mxfp8"]
    return _PACKED.get(str(method))


def _foreign(theirs: Mapping[str, Any]) -> Callable[[str, nn.Module], bool]:
    """Other libraries pack the linear layers of the blocks, but for those that the config names."""
    names = [
        *(theirs.get("modules_to_not_convert") or ()),
        *(theirs.get("ignore") or ()),
        *(theirs.get("exclude_modules") or ()),
        "*lm_head*",
    ]

    def is_packed(path: str, module: nn.Module) -> bool:
        packable = hasattr(module, "to_quantized") and not isinstance(module, nn.Embedding)
        return packable and not any(_matches(path, name) for name in names)

    return is_packed


def _matches(path: str, name: str) -> bool:
    if name.startswith("re:"):
        return re.match(name[3:], path) is not None
    return path == name or path.startswith(f"{name}.") or fnmatch(path, name) or fnmatch(path, f"*.{name}")
