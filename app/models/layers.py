"""The modules of a model's layers as mlx-lm builds them, told from the names and shapes of its stored tensors.

Only for architectures that the tests hold to mlx-lm's own tree: there every weight of two dimensions in a layer is a
linear module and every one of three a `SwitchLinear`, and `sanitize` does no more than what stands here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from app.models.facts import ModelFacts, Quantization, Tensor
from app.models.packing import FLOATS, packed_row

PLAIN_TYPES = frozenset({
    "ernie4_5", "exaone4", "gemma", "gemma2", "gemma3", "gemma3_text", "glm4", "granite", "helium", "hunyuan_v1_dense",
    "internlm3", "llama", "mimo", "minicpm", "mistral", "mixtral", "olmo2", "olmo3", "olmoe", "phi", "phi3", "qwen2",
    "qwen2_moe", "qwen3", "qwen3_moe", "seed_oss", "smollm3", "stablelm", "starcoder2",
})  # fmt: skip
"""model_types whose layers can be told from their tensors."""

_IN_LAYER = re.compile(r"(?:language_model\.)?model\.layers\.(\d+)\.(.+)")
_IN_ANY_LAYER = re.compile(r"(?:.*\.)?layers\.\d+\.(.+)")
_OF_EXPERT = re.compile(r"(.+)\.experts\.(\d+)\.(\w+)\.weight")
_STACKED = {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}
"""mlx-lm's names for Mixtral's experts; elsewhere they keep theirs."""

_Told = TypeVar("_Told")


@dataclass(frozen=True)
class Linear:
    """What LoRA can wrap. `experts` is None but for a `SwitchLinear`; `bits` is None but for packed weights."""

    inputs: int
    outputs: int
    experts: int | None
    bits: int | None


@dataclass(frozen=True)
class Layer:
    """One layer; both by name within the layer, such as `self_attn.q_proj` and `self_attn.q_proj.weight`."""

    linears: Mapping[str, Linear]
    tensors: Mapping[str, Tensor]


def read_layers(facts: ModelFacts) -> tuple[Layer, ...] | None:
    """All layers in order; None when they cannot be told with certainty."""
    if facts.model_type not in PLAIN_TYPES or facts.missing_files or facts.cannot_train:
        return None
    by_layer: dict[int, dict[str, Tensor]] = {}
    packings: dict[int, dict[str, Quantization]] = {}
    for name, tensor in facts.tensors.items():
        if (found := _IN_LAYER.fullmatch(name)) and not name.endswith("inv_freq"):
            by_layer.setdefault(int(found[1]), {})[found[2]] = tensor
    for path, packing in facts.quantization.modules.items() if facts.quantization else ():
        if found := _IN_LAYER.fullmatch(path):
            packings.setdefault(int(found[1]), {})[found[2]] = packing
    if not by_layer or sorted(by_layer) != list(range(facts.layers or len(by_layer))):
        return None
    read = [_layer(by_layer[index], facts.quantization, packings.get(index, {})) for index in range(len(by_layer))]
    layers = tuple(layer for layer in read if layer)
    return layers if len(layers) == len(read) else None


def _layer(stored: Mapping[str, Tensor], main: Quantization | None, others: Mapping[str, Quantization]) -> Layer | None:
    tensors = _stack_experts(stored)
    if tensors is None:
        return None
    quantization = Quantization(main.bits, main.group_size, others) if main else None
    linears = {}
    for module in _modules(tensors):
        linear = _linear(tensors, module, quantization)
        if linear is None:
            return None
        linears[module] = linear
    return Layer(linears, tensors)


def _modules(tensors: Mapping[str, Tensor]) -> Iterator[str]:
    for name, tensor in tensors.items():
        if name.endswith(".weight") and len(tensor.shape) > 1:
            yield name.removesuffix(".weight")


def _linear(tensors: Mapping[str, Tensor], module: str, quantization: Quantization | None) -> Linear | None:
    weight = tensors[f"{module}.weight"]
    bits, inputs = None, weight.shape[-1]
    if f"{module}.scales" in tensors:
        row = packed_row(tensors, module, quantization)
        if row is None or quantization is None:
            return None
        bits, inputs = quantization.modules.get(module, quantization).bits, row
    elif weight.dtype not in FLOATS:
        return None
    *experts, outputs, _ = weight.shape
    return Linear(inputs, outputs, experts[0] if experts else None, bits) if len(experts) < 2 else None


def _stack_experts(stored: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """Experts that are stored one by one are stacked as `sanitize` stacks them; None when they differ."""
    tensors: dict[str, Tensor] = {}
    stacks: dict[str, dict[int, Tensor]] = {}
    for name, tensor in stored.items():
        if found := _OF_EXPERT.fullmatch(name):
            stack = f"{found[1]}.switch_mlp.{_STACKED.get(found[3], found[3])}.weight"
            stacks.setdefault(stack, {})[int(found[2])] = tensor
        else:
            tensors[name] = tensor
    for name, experts in stacks.items():
        if sorted(experts) != list(range(len(experts))) or len(set(experts.values())) > 1:
            return None
        tensors[name] = Tensor(experts[0].dtype, (len(experts), *experts[0].shape))
    return tensors


@dataclass(frozen=True)
class ModuleNames:
    """Modules of a model by name, as far as its stored tensors tell."""

    linear: frozenset[str]
    """Those with a weight of two dimensions or more, by their path from the model's root."""
    every: frozenset[str]
    """All of them and what holds them, by their path from the root, and within a layer."""
    in_layer: tuple[str, ...]
    """By their path within a layer, each once."""


def module_names(facts: ModelFacts) -> ModuleNames:
    linear, every, in_layer = set[str](), set[str](), dict[str, None]()
    for name, tensor in facts.tensors.items():
        module = name.rpartition(".")[0]
        every |= _with_holders(module)
        if name.endswith(".weight") and len(tensor.shape) > 1:
            linear.add(module)
        if found := _IN_ANY_LAYER.fullmatch(module):
            in_layer[found[1]] = None
    for layer in known_layers(facts) or ():
        in_layer |= dict.fromkeys(name.rpartition(".")[0] for name in layer.tensors)
    for module in in_layer:
        every |= _with_holders(module)
    return ModuleNames(frozenset(linear), frozenset(every), tuple(in_layer))


def _with_holders(module: str) -> set[str]:
    """`a.b.c`, `a.b` and `a`."""
    parts = module.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts) + 1)}


def _remembered(read: Callable[[ModelFacts], _Told]) -> Callable[[ModelFacts], _Told]:
    """`read`, whose last answer is kept: it takes up to half a second, and each keystroke asks of the same model."""
    last: list[tuple[ModelFacts, _Told]] = []

    def ask(facts: ModelFacts) -> _Told:
        kept = last[0] if last else None  # another thread may ask of another model meanwhile
        if kept is None or kept[0] is not facts:
            kept = (facts, read(facts))
            last[:] = [kept]
        return kept[1]

    return ask


known_layers = _remembered(read_layers)
"""`read_layers` of the model that was asked about last, at once."""
known_names = _remembered(module_names)
"""`module_names` likewise."""
