"""Exact sizes of what fine-tuning adds to a model: the trained weights and the optimizer's state.

What is trained follows `mlx_lm.lora.train_model` and `mlx_lm.tuner.utils.linear_to_lora_layers`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from app.models.facts import ModelFacts, Tensor
from app.models.headers import tensor_bytes
from app.models.layers import Layer, Linear, known_layers
from app.models.optimizer_state import state_bytes
from app.models.packing import FLOATS


@dataclass(frozen=True)
class TrainedSizes:
    """`layers` of the model are trained, counted from the last; `share` is trained parameters by the model's own.

    All is 0, but the optimizer's own step and rate, when `lora_parameters.keys` names no module of them.
    """

    layers: int
    parameters: int
    share: float | None
    adapter_bytes: int
    """Of the trained weights in memory, and of the tensors in the adapter file."""
    optimizer_bytes: int


def trained_sizes(facts: ModelFacts, config: Mapping[str, Any]) -> TrainedSizes | None:
    """Sizes under a native configuration (`app.config.config.native`).

    None when the weights' headers are not known, when the model's tree cannot be told from them for certain, when
    `keys` reach outside the layers, and for what mlx-lm refuses.
    """
    layers = known_layers(facts)
    if layers is None or config["num_layers"] > len(layers):
        return None
    chosen = layers[-max(config["num_layers"], 0) :]
    trained = _trained(facts, chosen, config)
    if trained is None:
        return None
    optimizer = config["optimizer"].lower()
    optimizer_bytes = state_bytes(optimizer, config["optimizer_config"].get(optimizer, {}), trained)
    if optimizer_bytes is None:
        return None
    parameters = sum(prod(tensor.shape) for tensor in trained)
    return TrainedSizes(
        layers=len(chosen),
        parameters=parameters,
        share=parameters / facts.parameters if facts.parameters else None,
        adapter_bytes=sum(map(tensor_bytes, trained)),
        optimizer_bytes=optimizer_bytes,
    )


def _trained(facts: ModelFacts, layers: Sequence[Layer], config: Mapping[str, Any]) -> list[Tensor] | None:
    """The arrays that are trained; None for what mlx-lm refuses or is not told here."""
    method = config["fine_tune_type"]
    if method == "full":
        whole = [tensor for layer in layers for tensor in layer.tensors.values()]
        # Packed weights have no gradient: mlx-lm fails at the first step.
        return whole if all(tensor.dtype in FLOATS for tensor in whole) else None
    lora = config["lora_parameters"]
    keys = lora.get("keys")
    if method not in ("lora", "dora") or (keys is not None and not _stay_linear(facts, layers, keys)):
        return None
    linears = [linear for layer in layers for path, linear in layer.linears.items() if keys is None or path in keys]
    if method == "dora" and not all(map(takes_dora, linears)):
        return None
    return [array for linear in linears for array in _arrays(linear, lora["rank"], method == "dora")]


def _arrays(linear: Linear, rank: int, is_dora: bool) -> Iterator[Tensor]:
    """lora_a, lora_b and DoRA's magnitudes: float32 whatever the base is in."""
    stack = () if linear.experts is None else (linear.experts,)
    first, second = ((linear.inputs, rank), (rank, linear.outputs))
    if linear.experts is not None:
        first, second = first[::-1], second[::-1]
    yield Tensor("F32", (*stack, *first))
    yield Tensor("F32", (*stack, *second))
    if is_dora:
        yield Tensor("F32", (linear.outputs,))


def takes_dora(linear: Linear) -> bool:
    """mlx-lm refuses experts, and miscounts the inputs of weights whose bits do not divide a word."""
    return linear.experts is None and (linear.bits is None or 32 % linear.bits == 0)


def _stay_linear(facts: ModelFacts, layers: Sequence[Layer], keys: Sequence[str]) -> bool:
    """Whether each key names linear modules of a layer, or nothing at all.

    mlx-lm looks for keys from the model's root too, and fails for a module that cannot get an adapter.
    """
    roots = {name.partition(".")[0] for name in facts.tensors}
    linears = {path for layer in layers for path in layer.linears}
    names = {name for layer in layers for name in layer.tensors}
    return all(
        key in linears
        or (key and key.partition(".")[0] not in roots and not any(name.startswith(f"{key}.") for name in names))
        for key in keys
    )
