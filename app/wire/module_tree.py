"""The modules of a model that an adapter can go to, told by the engine to whoever counts with them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Growth:
    """Trainable parameters that an adapter of rank r brings: `fixed` + r × `per_rank`."""

    fixed: int
    per_rank: int

    def at(self, rank: int) -> int:
        return self.fixed + rank * self.per_rank


@dataclass(frozen=True)
class Target:
    """A module that mlx-lm can wrap. `kind` is its class; `experts` is None but for stacks, `bits` but for packed ones.

    A method that mlx-lm refuses here has no growth, and `refusal` says why.
    """

    kind: str
    inputs: int
    outputs: int
    experts: int | None
    bits: int | None
    lora: Growth | None
    dora: Growth | None
    refusal: str = ""

    def growth(self, method: str) -> Growth | None:
        return self.dora if method == "dora" else self.lora


@dataclass(frozen=True)
class Layer:
    """`path` is from the model's root, as `model.layers.3`; the names are those within the layer."""

    path: str
    targets: Mapping[str, Target]
    others: frozenset[str]
    """Modules that no adapter fits: as keys they make mlx-lm fail."""


@dataclass(frozen=True)
class ModuleTree:
    layers: tuple[Layer, ...]
    outside: Mapping[str, Target]
    """By path from the root: mlx-lm looks for keys there, too, but takes none of these unasked."""
    others_outside: frozenset[str]
    parameters: int
    """Of the model, as mlx-lm counts them, packed ones one by one."""


def encode_tree(tree: ModuleTree) -> str:
    """One line of JSON. Layers repeat each other, so each target is written once."""
    known: dict[Target, int] = {}

    def numbered(targets: Mapping[str, Target]) -> dict[str, int]:
        return {name: known.setdefault(target, len(known)) for name, target in targets.items()}

    layers = [(layer.path, numbered(layer.targets), sorted(layer.others)) for layer in tree.layers]
    outside = numbered(tree.outside)
    return json.dumps(
        {
            "layers": layers,
            "outside": outside,
            "others_outside": sorted(tree.others_outside),
            "parameters": tree.parameters,
            "targets": [asdict(target) for target in known],
        }
    )


def decode_tree(message: Mapping[str, Any]) -> ModuleTree:
    """Of the JSON as it was read. Raises ValueError, KeyError or TypeError for what is no tree."""
    targets = [_target(entry) for entry in message["targets"]]

    def named(numbers: Mapping[str, int]) -> dict[str, Target]:
        return {name: targets[number] for name, number in numbers.items()}

    return ModuleTree(
        layers=tuple(Layer(path, named(numbers), frozenset(others)) for path, numbers, others in message["layers"]),
        outside=named(message["outside"]),
        others_outside=frozenset(message["others_outside"]),
        parameters=int(message["parameters"]),
    )


def _target(entry: Mapping[str, Any]) -> Target:
    growths = {name: Growth(**entry[name]) if entry[name] else None for name in ("lora", "dora")}
    return Target(**{**entry, **growths})
