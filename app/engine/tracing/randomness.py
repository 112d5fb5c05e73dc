"""The random keys of a traced step. Python cannot put a tracer into MLX's own state, so they are drawn beside it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import mlx.core as mx
from mlx import nn


class Keys:
    """Draws keys from a state as `PyKeySequence` of MLX's python/src/random.cpp does."""

    def __init__(self, state: mx.array) -> None:
        self.state = state
        """The state after all that was drawn."""
        self.position = 0
        """How many keys were drawn where the drawing is now."""
        self._keys: list[mx.array] = []

    def draw(self) -> mx.array:
        """The key at the position, which moves on."""
        while len(self._keys) <= self.position:
            state, key = mx.split(mx.random.split(self.state, 2), 2)
            self.state = mx.reshape(state, (2,))
            self._keys.append(mx.reshape(key, (2,)))
        self.position += 1
        return self._keys[self.position - 1]

    @contextlib.contextmanager
    def moved_to(self, position: int) -> Iterator[None]:
        """Draw from another position for a while."""
        before, self.position = self.position, position
        try:
            yield
        finally:
            self.position = before

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Let dropout, the one thing random in a training step, draw from here."""
        bernoulli = mx.random.bernoulli

        def drawn(p: Any = 0.5, shape: Any = None, key: mx.array | None = None, stream: Any = None) -> mx.array:
            return bernoulli(p, shape, key=self.draw() if key is None else key, stream=stream)

        mx.random.bernoulli = drawn
        try:
            yield
        finally:
            mx.random.bernoulli = bernoulli


def is_random(model: nn.Module) -> bool:
    """Whether a training step of the model draws keys."""
    return any(isinstance(module, nn.Dropout) and module._p_1 < 1 for module in model.modules())
