"""Primitives that MLX cannot export, promised in a graph and put into its tape.

A promise is a constant that is made to depend on the primitive's inputs and then broadcast to its output's shape.
MLX exports that, and merges no two of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import mlx.core as mx

from app.engine.tracing.recording import scalar
from app.wire.tape import Primitive

_CODES = {
    "SegmentedMM": 1.3046875,
    "Contiguous": 1.3203125,
    "CrossEntropy": 1.3359375,
    "CrossEntropyVJP": 1.3515625,
    "ScaledDotProductAttentionVJP": 1.3671875,
    "RMSNorm": 1.3828125,
    "RMSNormVJP": 1.3984375,
    "LayerNorm": 1.4140625,
    "LayerNormVJP": 1.4296875,
    "RoPE": 1.4453125,
    "ScaledDotProductAttention": 1.4609375,
}
"""The constant of each kind, exact in bfloat16."""
_KINDS: dict[float | None, str] = {code: kind for kind, code in _CODES.items()}

Makers = dict[int, Primitive]
"""The primitive that makes an array, by the array."""
Readers = dict[int, list[Primitive]]


def promised(kind: str, outputs: Sequence[tuple[Sequence[int], mx.Dtype]], *inputs: mx.array) -> list[mx.array]:
    """Arrays that one primitive of this name will make of the inputs.

    Add anything to one that is a value, and it will be forgotten. One that is a gradient goes into a `gradient_path`.
    """
    codes = [mx.array(_CODES[kind], dtype) for _, dtype in outputs]
    depending = mx.depends(codes, [mx.stop_gradient(each) for each in inputs])
    return [mx.broadcast_to(each, shape) for each, (shape, _) in zip(depending, outputs, strict=True)]


def gradient_path(x: mx.array, gradient: mx.array, shape: Sequence[int], dtype: mx.Dtype) -> mx.array:
    """An array to add to a value that does not depend on `x`: the value stays, and `x` gets the gradient promised.

    The promised primitive gets the value's cotangent, which has this shape, among its inputs.
    """
    return mx.broadcast_to(mx.sum(x * gradient).astype(dtype), shape)


def kept(
    primitives: list[Primitive], outputs: tuple[int, ...], constants: Mapping[int, mx.array]
) -> tuple[list[Primitive], tuple[int, ...]]:
    """The primitives and outputs with every promise kept, and nothing left of what was there for its sake."""
    kinds = {number: _KINDS.get(scalar(array)) for number, array in constants.items()}
    promises = [each for each in primitives if each.name == "Depends" and kinds.get(each.inputs[0])]
    if not promises:
        return primitives, outputs
    makers = {array: primitive for primitive in primitives for array in primitive.outputs}
    readers: Readers = {}
    for primitive in primitives:
        for array in primitive.inputs:
            readers.setdefault(array, []).append(primitive)
    aliases: dict[int, int] = {}
    for promise in promises:
        count = len(promise.outputs)
        kind, inputs = kinds[promise.inputs[0]] or "", promise.inputs[count:]
        outputs_made, cotangent = [], None
        for depending in promise.outputs:
            (broadcast,) = readers[depending]
            (array,) = broadcast.outputs
            outputs_made.append(array)
            for reader in readers[array]:
                if reader.name == "Depends":
                    continue  # another promise reads it
                if reader.name == "Add":
                    aliases[reader.outputs[0]] = array
                elif (found := _cotangent(_other(reader, array), makers)) is not None:
                    cotangent, outputs_made[-1] = found, reader.outputs[0]
                else:
                    total, value = _added(reader, readers)
                    aliases[total] = value
        primitive = Primitive(kind, (), _inputs(kind, inputs, cotangent, makers), tuple(outputs_made))
        makers |= dict.fromkeys(outputs_made, primitive)
    return _reachable(makers, aliases, outputs)


def _inputs(kind: str, inputs: tuple[int, ...], cotangent: int | None, makers: Makers) -> tuple[int, ...]:
    """In the order of MLX's vjp of the kind; that of CrossEntropyVJP is not known."""
    if cotangent is None:
        return inputs
    if kind in ("SegmentedMM", "RoPE"):
        return (cotangent, *inputs)
    if kind == "ScaledDotProductAttentionVJP":  # of all that the forward primitive reads and makes
        forward = makers[inputs[0]]
        return (*forward.inputs, *forward.outputs, cotangent)
    return (*inputs, cotangent)


def _other(primitive: Primitive, array: int) -> int:
    first, second = primitive.inputs
    return second if first == array else first


def _cotangent(array: int, makers: Makers) -> int | None:
    """The cotangent that came back to `gradient_path`'s product; None if the array is of the forward pass."""
    broadcast = False
    while (maker := makers.get(array)) is not None:
        if maker.name == "Reduce" and broadcast:
            return maker.inputs[0]
        if maker.name not in ("Broadcast", "ExpandDims", "Reshape", "Squeeze", "AsType"):
            return None
        broadcast |= maker.name == "Broadcast"
        (array,) = maker.inputs
    return None


def _added(product: Primitive, readers: Readers) -> tuple[int, int]:
    """The sum in which a `gradient_path` ends, and the value that it is added to."""
    reader = product
    while reader.name != "Add":
        (array,) = reader.outputs
        (reader,) = readers[array]
    return reader.outputs[0], _other(reader, array)


def _reachable(
    makers: Makers, aliases: Mapping[int, int], outputs: Sequence[int]
) -> tuple[list[Primitive], tuple[int, ...]]:
    """What the outputs need, in an export's order: that of compile_dfs in MLX's compile.cpp."""
    order: list[Primitive] = []
    entered: set[int] = set()
    pending: list[tuple[Primitive, Iterator[int]]] = []

    def real(array: int) -> int:
        while array in aliases:
            array = aliases[array]
        return array

    def enter(array: int) -> None:
        if array not in entered and array in makers:
            maker = makers[array]
            entered.update(maker.outputs)
            primitive = replace(maker, inputs=tuple(map(real, maker.inputs)))
            pending.append((primitive, iter(primitive.inputs)))

    outputs = tuple(map(real, outputs))
    for output in outputs:
        enter(output)
        while pending:
            primitive, inputs = pending[-1]
            array = next(inputs, None)
            if array is None:
                order.append(primitive)
                pending.pop()
            else:
                enter(array)
    return order, outputs
