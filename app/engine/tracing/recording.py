"""What `mx.export_function` tells of a graph, kept as numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mlx.core as mx

from app.wire.tape import Primitive

_LAYOUT: dict[str, Callable[[list[Any]], Any]] = {
    "Transpose": lambda arguments: arguments[0],
    "ExpandDims": lambda arguments: arguments[0],
    "Squeeze": lambda arguments: arguments[0],
    "Slice": lambda arguments: arguments[2],
    "AsStrided": lambda arguments: arguments[1],
}


def scalar(array: mx.array) -> float | None:
    """The value of a constant that is a floating-point scalar."""
    value: Any = array.item() if array.ndim == 0 and mx.issubdtype(array.dtype, mx.floating) else None
    return value


@dataclass
class Recorder:
    """The callback of one export. Arrays are numbered as they first appear, so equal graphs have equal numbers."""

    shapes: list[tuple[int, ...]] = field(default_factory=list)
    itemsizes: list[int] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    constants: dict[int, mx.array] = field(default_factory=dict)
    primitives: list[Primitive] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __call__(self, told: dict[str, Any]) -> None:
        match told["type"]:
            case "primitive":
                name = told["name"]
                layout = tuple(_LAYOUT[name](told["arguments"])) if name in _LAYOUT else ()
                numbers = self._numbers
                inputs = tuple([numbers[key] for key, _, _ in told["inputs"]])
                self.primitives.append(Primitive(name, layout, inputs, self._arrays(told["outputs"])))
            case "inputs":
                self.inputs = self._arrays(told["inputs"])
            case "outputs":
                self.outputs = self._arrays(told["outputs"])
            case "constants":
                for name, array in told["constants"]:
                    self.constants[self._number(name, array.shape, array.dtype)] = array

    def _arrays(self, arrays: list[tuple[str, Any, mx.Dtype]]) -> tuple[int, ...]:
        return tuple([self._number(*array) for array in arrays])

    def _number(self, name: str, shape: Any, dtype: mx.Dtype) -> int:
        number = self._numbers.setdefault(name, len(self._numbers))
        if number == len(self.shapes):
            self.shapes.append(tuple(shape))
            self.itemsizes.append(dtype.size)
        return number
