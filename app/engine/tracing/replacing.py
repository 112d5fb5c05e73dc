"""Operations of MLX that are others for the time of a trace."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any


@contextlib.contextmanager
def replaced(operations: Mapping[tuple[Any, str], Callable[..., Any]]) -> Iterator[None]:
    """`operations` by the module or class that has them and their name there; what stood there stands again after."""
    originals = {(owner, name): getattr(owner, name) for owner, name in operations}
    try:
        _set(operations)
        yield
    finally:
        _set(originals)


def _set(operations: Mapping[tuple[Any, str], Callable[..., Any]]) -> None:
    for (owner, name), operation in operations.items():
        setattr(owner, name, operation)
