"""The facts of a model that stands in a folder."""

from collections import Counter
from collections.abc import Mapping
from math import prod
from pathlib import Path

from app.models import config_json
from app.models.facts import ModelError, ModelFacts, Source, Tensor
from app.models.headers import read_header, tensor_bytes
from app.models.packing import float_dtype, weight_count
from app.models.trainable import installed_architectures, why_not
from app.models.weights import find_weights
from app.wire.files import read_json


def read_model(folder: Path, name: str, source: Source) -> ModelFacts:
    """What config.json and the weight files' headers tell; `name` is what a configuration calls the model.

    Counts and bytes of the weights are None while a file is missing. Raises ModelError, which names the file.
    """
    config = config_json.read_config(folder / "config.json")
    quantization = config_json.quantization(config)
    tensors, missing = _tensors(folder)
    is_countable = not missing and (quantization is not None or not config_json.is_quantized(config))
    return ModelFacts(
        name=name,
        source=source,
        folder=folder,
        model_type=config["model_type"],
        layers=config_json.layer_count(config),
        hidden_size=config_json.hidden_size(config),
        vocabulary=config_json.vocabulary(config),
        parameters=weight_count(tensors, quantization) if is_countable else None,
        weight_bytes=None if missing else sum(map(tensor_bytes, tensors.values())),
        dtype=float_dtype(_elements(tensors)) or config_json.dtype(config),
        quantization=quantization,
        tensors=tensors,
        missing_files=missing,
        has_chat_template=_has_chat_template(folder),
        cannot_train=why_not(config, installed_architectures()),
    )


def _tensors(folder: Path) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    tensors: dict[str, Tensor] = {}
    try:
        files = find_weights(folder)
        for path in files.present:
            tensors |= read_header(path)
    except OSError as error:
        raise ModelError(f"{error.filename or folder} cannot be read ({error.strerror}).") from None
    return tensors, files.missing


def _elements(tensors: Mapping[str, Tensor]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for tensor in tensors.values():
        counts[tensor.dtype] += prod(tensor.shape)
    return counts


def _has_chat_template(folder: Path) -> bool | None:
    """None without a tokenizer_config.json: a download may be under way. mlx-lm has templates by type of its own."""
    if (folder / "chat_template.jinja").is_file():
        return True
    settings = read_json(folder / "tokenizer_config.json")
    return None if settings is None else bool(settings.get("chat_template") or settings.get("chat_template_type"))
