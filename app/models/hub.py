"""The facts of a model that the hub tells, before anything is downloaded."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from app.models import config_json, hub_home
from app.models.facts import ModelError, ModelFacts, Quantization, Source
from app.models.headers import BITS
from app.models.packing import FLOATS, float_dtype
from app.models.trainable import installed_architectures, why_not
from app.models.weights import PATTERN

_HEADERS = 0.01
"""Most of a weight file's bytes that its header may take before its count of tensors is doubted; 1 MB more at least."""


def ask_hub(name: str) -> ModelFacts:
    """What the hub's metadata and config.json tell, without the tensors' names. Asks twice, within seconds.

    Raises ModelError. Held to a server of the tests only, never to the real hub.
    """
    if hub_home.is_offline():
        raise ModelError(f"The hub is not asked for {name} because HF_HUB_OFFLINE is set: unset it, or name a folder.")
    if not hub_home.is_repository(name):
        raise ModelError(f"{name} is no name on the hub, such as org/name.")
    from app.models import hub_client  # urllib takes 35 ms that the app's first paint need not wait for

    client = hub_client.HubClient(hub_home.endpoint(), hub_home.token())
    told = client.metadata(name)
    config = config_json.parse_config(client.config(name), f"config.json of {name} on the hub")
    return _facts(name, told, config)


def _facts(name: str, told: Mapping[str, Any], config: Mapping[str, Any]) -> ModelFacts:
    quantization = config_json.quantization(config)
    files = _files(told)
    counts = _counts(told)
    weight_bytes = _weight_bytes(counts, files)
    can_count = weight_bytes is not None and (quantization is not None or not config_json.is_quantized(config))
    return ModelFacts(
        name=name,
        source=Source.HUB,
        folder=None,
        model_type=config["model_type"],
        layers=config_json.layer_count(config),
        hidden_size=config_json.hidden_size(config),
        vocabulary=config_json.vocabulary(config),
        parameters=_parameters(counts, quantization) if can_count else None,
        weight_bytes=weight_bytes,
        dtype=float_dtype(counts) or config_json.dtype(config),
        quantization=quantization,
        tensors={},
        missing_files=(),
        has_chat_template=_has_chat_template(told, files),
        cannot_train=_no_weights(name, files) or why_not(config, installed_architectures()),
    )


def _files(told: Mapping[str, Any]) -> dict[str, int | None]:
    """The repository's files and their bytes."""
    siblings = told.get("siblings")
    entries = [entry for entry in siblings if isinstance(entry, Mapping)] if isinstance(siblings, list) else []
    return {
        entry["rfilename"]: entry["size"] if type(entry.get("size")) is int else None
        for entry in entries
        if isinstance(entry.get("rfilename"), str)
    }


def _counts(told: Mapping[str, Any]) -> dict[str, int]:
    """Stored elements by dtype: eight weights of 4 bits are one element, U32. Empty when not told."""
    summary = told.get("safetensors")
    counts = summary.get("parameters") if isinstance(summary, Mapping) else None
    if not isinstance(counts, Mapping) or not all(type(count) is int and count >= 0 for count in counts.values()):
        return {}
    return dict(counts)


def _weight_bytes(counts: Mapping[str, int], files: Mapping[str, int | None]) -> int | None:
    """None when a dtype is not known, or the files' sizes do not bear the counts out."""
    if not counts or not counts.keys() <= BITS.keys():
        return None
    total = sum(count * BITS[dtype] // 8 for dtype, count in counts.items())
    sizes = [size for name, size in files.items() if fnmatchcase(name, PATTERN)]
    known = [size for size in sizes if size is not None]
    if known and len(known) == len(sizes) and not 0 <= sum(known) - total <= 1e6 + _HEADERS * total:
        return None
    return total


def _parameters(counts: Mapping[str, int], quantization: Quantization | None) -> int | None:
    """None when the packed elements are of several kinds, which the counts do not tell apart."""
    floats = sum(count for dtype, count in counts.items() if dtype in FLOATS)
    if quantization is None:
        return floats
    if quantization.modules:
        return None
    packed = counts.get("U32", 0) * 32 // quantization.bits
    return packed + floats - 2 * packed // quantization.group_size


def _has_chat_template(told: Mapping[str, Any], files: Mapping[str, int | None]) -> bool | None:
    if "chat_template.jinja" in files:
        return True
    config = told.get("config")
    settings = config.get("tokenizer_config") if isinstance(config, Mapping) else None
    return bool(settings.get("chat_template")) if isinstance(settings, Mapping) else None


def _no_weights(name: str, files: Mapping[str, int | None]) -> str | None:
    if not files or any(fnmatchcase(file, PATTERN) for file in files):
        return None
    return f"{name} holds no {PATTERN}, and mlx-lm reads no other weights: choose another model."
