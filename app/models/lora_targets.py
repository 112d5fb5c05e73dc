"""Which modules `lora_parameters.keys` gives an adapter, and what of the model is then trained.

Follows `mlx_lm.tuner.utils.linear_to_lora_layers`: keys are looked for in the last `num_layers` layers, by their path
in the layer, and then from the model's root.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum

from app.wire.module_tree import Layer, ModuleTree, Target


class Group(Enum):
    """What a module belongs to, as its path says."""

    ATTENTION = "Attention"
    MLP = "MLP"
    OTHER = "Other"
    OUTSIDE = "Outside the layers"


_ATTENTION = ("attn", "attention")
_MLP = ("mlp", "moe", "ffn", "feed_forward", "feedforward", "expert", "switch", "block_sparse", "router")
_BARE = {
    Group.ATTENTION: ("q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj", "Wqkv"),
    Group.MLP: ("gate_proj", "up_proj", "down_proj", "ff_proj", "ff_out", "fc1", "fc2", "gate"),
}
"""Names of modules that stand in the layer itself."""


class Effect(Enum):
    """What a key does that is no module of the layers: nothing, make mlx-lm fail, or reach one module by its path."""

    NONE = "none"
    FAILS = "fails"
    BY_PATH = "by path"


@dataclass(frozen=True)
class Choosable:
    """A name that `keys` can hold. `places` of the model's layers have it, of which `trained` are trained."""

    name: str
    group: Group
    targets: tuple[Target, ...]
    """Of the layers that have it, each kind once, the commonest first."""
    places: int
    trained: int
    parameters: int | None
    """Trainable ones that it brings; None where the method is refused for it."""


@dataclass(frozen=True)
class Trained:
    """`refusal` says why mlx-lm would fail, in one sentence; the count is then of the rest."""

    parameters: int
    share: float
    """Of the model's parameters."""
    modules: int
    refusal: str = ""


def choosable(tree: ModuleTree, num_layers: int, rank: int, method: str) -> tuple[Choosable, ...]:
    """All of them, in the model's order, those outside the layers last."""
    chosen = _trained_layers(tree, num_layers)
    names = dict.fromkeys(name for layer in tree.layers for name in layer.targets)
    found = [_in_layers(name, tree, chosen, rank, method) for name in names]
    return (*found, *(_outside(path, target, rank, method) for path, target in tree.outside.items()))


def every_name(tree: ModuleTree) -> frozenset[str]:
    """What mlx-lm takes when no keys are given."""
    return frozenset(name for layer in tree.layers for name in layer.targets)


def effect_of(tree: ModuleTree, key: str, num_layers: int) -> Effect:
    """Of a key that `choosable` does not have, alone."""
    found = [target for _, target in _adapted(tree, {key}, num_layers)]
    return Effect.NONE if not found else Effect.FAILS if None in found else Effect.BY_PATH


def trained(tree: ModuleTree, keys: Collection[str] | None, num_layers: int, rank: int, method: str) -> Trained:
    """What mlx-lm would train with these keys; None are no keys."""
    wanted = every_name(tree) if keys is None else frozenset(keys)
    count, modules, refusals = 0, 0, []
    for name, target in _adapted(tree, wanted, num_layers):
        growth = target.growth(method) if target else None
        if growth is None:
            refusals.append(_refusal(name, target, method))
        else:
            count, modules = count + growth.at(rank), modules + 1
    share = count / tree.parameters if tree.parameters else 0.0
    return Trained(count, share, modules, refusals[0] if refusals else "")


def _adapted(tree: ModuleTree, wanted: Collection[str], num_layers: int) -> Iterator[tuple[str, Target | None]]:
    """Every module that mlx-lm tries to wrap, by key; None for one that cannot be, or that is wrapped already."""
    chosen = _trained_layers(tree, num_layers)
    for layer in chosen:
        yield from ((name, target) for name, target in layer.targets.items() if name in wanted)
        yield from ((name, None) for name in layer.others if name in wanted)
    yield from ((path, target) for path, target in tree.outside.items() if path in wanted)
    yield from ((path, None) for path in tree.others_outside if path in wanted)
    for layer in tree.layers:
        whole = {f"{layer.path}.{name}": name for name in (*layer.targets, *layer.others)}
        for path in whole.keys() & set(wanted):
            is_wrapped = layer in chosen and whole[path] in wanted
            yield path, None if is_wrapped else layer.targets.get(whole[path])


def _trained_layers(tree: ModuleTree, num_layers: int) -> tuple[Layer, ...]:
    return tree.layers[-max(num_layers, 0) :]


def _in_layers(name: str, tree: ModuleTree, chosen: tuple[Layer, ...], rank: int, method: str) -> Choosable:
    kinds = Counter(layer.targets[name] for layer in tree.layers if name in layer.targets)
    growths = [layer.targets[name].growth(method) for layer in chosen if name in layer.targets]
    parameters = None if None in growths else sum(growth.at(rank) for growth in growths if growth)
    targets = tuple(target for target, _ in kinds.most_common())
    return Choosable(name, group_of(name), targets, kinds.total(), len(growths), parameters)


def _outside(path: str, target: Target, rank: int, method: str) -> Choosable:
    growth = target.growth(method)
    return Choosable(path, Group.OUTSIDE, (target,), 1, 1, growth.at(rank) if growth else None)


def group_of(name: str) -> Group:
    """By the words that models use for their parts."""
    *above, last = name.split(".")
    path = ".".join(above).lower()
    if any(word in path for word in _ATTENTION):
        return Group.ATTENTION
    if any(word in path for word in _MLP):
        return Group.MLP
    bare = [group for group, names in _BARE.items() if last in names] if not above else []
    return bare[0] if bare else Group.OTHER


def _refusal(name: str, target: Target | None, method: str) -> str:
    if target is None:
        return f"{name} is no linear and no embedding, or is wrapped twice: mlx-lm fails on it, so take it out."
    return f"mlx-lm refuses {method} for {name} ({target.kind}): take it out, or train with lora."
