"""The arrays of a tree, as places that can be filled: what `mx.compile` does with the state it captures."""

from collections.abc import Iterable
from typing import Any

import mlx.core as mx

Slot = tuple[Any, Any]
"""A dict or list, and a key of it that holds an array."""


def slots(tree: Any) -> list[Slot]:
    """In the order in which MLX flattens a tree."""
    found: list[Slot] = []
    _collect(tree, found)
    return found


def held(places: Iterable[Slot]) -> list[mx.array]:
    """What the places hold now."""
    return [container[key] for container, key in places]


def fill(places: Iterable[Slot], arrays: Iterable[mx.array]) -> None:
    """Put one array into each."""
    for (container, key), array in zip(places, arrays, strict=True):
        container[key] = array


def _collect(tree: Any, found: list[Slot]) -> None:
    if isinstance(tree, dict):
        pairs: Iterable[tuple[Any, Any]] = tree.items()
    elif isinstance(tree, list | tuple):
        pairs = enumerate(tree)
    else:
        return
    for key, value in pairs:
        if not isinstance(value, mx.array):
            _collect(value, found)
        elif not isinstance(tree, tuple):
            found.append((tree, key))
