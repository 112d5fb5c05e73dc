"""Memory is given back later than it is taken: the main thread allocates ahead of the one that computes.

The largest effect of all: without it a prediction is 18 % too low (median). Each device cuts its work differently.
"""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from app.memory.simulator.arrays import Buffer


class RunAhead(Protocol):
    """How far allocation runs ahead of computation on one device."""

    def dispatch(self, held: Sequence[Buffer], elements: int) -> None:
        """A kernel was queued that holds these buffers until it is done, new ones of so many `elements` among them."""
        ...

    def done(self) -> Sequence[Buffer]:
        """What kernels that finish while the next primitive is being prepared let go."""
        ...


class CpuRunAhead:
    """mlx/backend/cpu/encoder.h: ten dispatches are a task; mlx/transforms.cpp: at most ten tasks wait.

    `begun` is how many dispatches went before, modulo ten: it persists from step to step, and makes the peaks of
    iterations differ.
    """

    PER_TASK, MOST_TASKS = 10, 10

    def __init__(self, begun: int = 0):
        self._dispatched, self._tasks_done = begun, 0
        self._queue: deque[tuple[int, Sequence[Buffer]]] = deque()

    @property
    def dispatched(self) -> int:
        return self._dispatched

    def dispatch(self, held: Sequence[Buffer], elements: int) -> None:
        self._dispatched += 1
        if held:
            self._queue.append((self._dispatched, held))

    def done(self) -> Sequence[Buffer]:
        if self._dispatched // self.PER_TASK - self._tasks_done <= self.MOST_TASKS:
            return ()
        self._tasks_done += 1
        finished = self.PER_TASK * self._tasks_done
        freed: list[Buffer] = []
        while self._queue and self._queue[0][0] <= finished:
            freed.extend(self._queue.popleft()[1])
        return freed


class CommandBuffers:
    """Metal and CUDA: primitives gather in a command buffer or graph, which is closed when it is full.

    Read in mlx/backend/metal/device.cpp and mlx/backend/cuda/device.cpp, never measured on a Mac. `most_primitives` and
    `most_elements` close one, `most_waiting` are under way: 10 at most (mlx/transforms.cpp), none where the GPU is
    faster than whoever fills them.
    """

    def __init__(self, most_primitives: int, most_elements: int, most_waiting: int):
        self._most_primitives, self._most_elements, self._most_waiting = most_primitives, most_elements, most_waiting
        self._primitives, self._elements = 0, 0
        self._open: list[Buffer] = []
        self._waiting: deque[list[Buffer]] = deque()

    def dispatch(self, held: Sequence[Buffer], elements: int) -> None:
        self._primitives += 1
        self._elements += elements
        self._open.extend(held)

    def done(self) -> Sequence[Buffer]:
        if self._primitives > self._most_primitives or self._elements > self._most_elements:
            self._waiting.append(self._open)
            self._primitives, self._elements, self._open = 0, 0, []
        return self._waiting.popleft() if len(self._waiting) > self._most_waiting else ()
