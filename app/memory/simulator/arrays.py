"""Arrays as MLX lays them out: strides and flags decide what is copied and what is allocated.

mlx/array.h and mlx/backend/common/utils.h.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

Strides = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Buffer:
    """Allocated memory. `holders` counts the arrays and pending kernels that keep it (the use count of its Data)."""

    array: int
    """For which it was allocated."""
    bytes: int
    holders: int = 1
    born: int = 0
    """The position in the evaluation at which it was allocated."""


class Array:
    """`contiguous` means without gaps, `row` and `column` the order; `data_size` counts elements of the buffer."""

    __slots__ = ("buffer", "column", "contiguous", "data_size", "itemsize", "number", "row", "shape", "size", "strides")

    def __init__(self, number: int, shape: tuple[int, ...], itemsize: int):
        self.number, self.shape, self.itemsize, self.size = number, shape, itemsize, prod(shape)
        self.buffer: Buffer
        self.strides: Strides
        self.contiguous: bool
        self.row: bool
        self.column: bool
        self.data_size: int

    @property
    def bytes(self) -> int:
        return self.size * self.itemsize

    def lay_out(self) -> None:
        """In rows, as a fresh array stands."""
        self.strides, self.contiguous, self.row, self.data_size = row_strides(self.shape), True, True, self.size
        self.column = is_vector(self.shape, self.size)

    def lay_out_like(self, other: "Array") -> None:
        self.strides, self.contiguous, self.row = other.strides, other.contiguous, other.row
        self.column, self.data_size = other.column, other.data_size


def row_strides(shape: Sequence[int]) -> Strides:
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def is_vector(shape: Sequence[int], size: int) -> bool:
    """Whether rows and columns are the same."""
    return size <= 1 or size == max(shape)


def check_contiguity(shape: Sequence[int], strides: Strides) -> tuple[int, bool, bool]:
    """Elements but for broadcast dimensions, and whether they stand in rows, in columns (utils.h)."""
    elements = row_step = column_step = 1
    row = column = True
    last = len(shape) - 1
    for at, length in enumerate(shape):
        mirrored = shape[last - at]
        column = column and (strides[at] == column_step or length == 1)
        row = row and (strides[last - at] == row_step or mirrored == 1)
        column_step *= length
        row_step *= mirrored
        if strides[at] > 0:
            elements *= length
    return elements, row, column


def reshaped_strides(array: Array, shape: Sequence[int]) -> Strides | None:
    """How another shape looks at the same buffer; None where it must be copied (common.cpp, `prepare_reshape`)."""
    if array.size == 0 or array.row:
        return row_strides(shape)
    if not array.shape:
        return (0,) * len(shape)
    lengths, steps = _collapse(array.shape, array.strides)
    strides: list[int] = []
    at = 0
    for length in shape:
        if at < len(lengths) and lengths[at] % length == 0:
            lengths[at] //= length
            strides.append(lengths[at] * steps[at])
            at += lengths[at] == 1
        elif length == 1:
            strides.append(strides[-1])
        else:
            return None
    return tuple(strides)


def _collapse(shape: Sequence[int], strides: Strides) -> tuple[list[int], list[int]]:
    """Dimensions that stand behind each other without a gap as one (`collapse_contiguous_dims`)."""
    lengths, steps = [shape[0]], [strides[0]]
    for length, step in zip(shape[1:], strides[1:], strict=True):
        if length == 1:
            continue
        if step * length == steps[-1]:
            lengths[-1] *= length
            steps[-1] = step
        else:
            lengths.append(length)
            steps.append(step)
    return lengths, steps
