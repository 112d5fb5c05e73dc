"""Primitives that look at the same memory: mlx/backend/common/common.cpp and slicing.cpp. They queue no kernel."""

from collections.abc import Sequence

from app.memory.simulator.arrays import Array, Strides, check_contiguity, is_vector, reshaped_strides
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.program import Step
from app.memory.simulator.rules.rule import Rule


def _same(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    for output, array in zip(outputs, inputs, strict=False):
        memory.share(output, array)


def _custom_transforms(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    _same(memory, step, inputs[len(inputs) - len(outputs) :], outputs)


def _transpose(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (array,), (output,) = inputs, outputs
    memory.share(output, array, tuple(array.strides[axis] for axis in step.arguments))
    if array.contiguous and array.data_size == array.size:
        _, output.row, output.column = check_contiguity(output.shape, output.strides)


def _broadcast(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    array, (output,) = inputs[0], outputs
    added = (0,) * (len(output.shape) - len(array.shape))
    kept = (0 if length == 1 else stride for length, stride in zip(array.shape, array.strides, strict=True))
    memory.share(output, array, (*added, *kept))
    if output.size > array.size:
        output.row = output.column = False


def _expand_dims(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    strides = list(inputs[0].strides)
    for axis in step.arguments:
        strides.insert(axis, 1)
    memory.share(outputs[0], inputs[0], tuple(strides))


def _squeeze(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    gone = frozenset(step.arguments)
    strides = tuple(stride for axis, stride in enumerate(inputs[0].strides) if axis not in gone)
    memory.share(outputs[0], inputs[0], strides)


def _slice(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (array,), (output,) = inputs, outputs
    strides = tuple(stride * step_ for stride, step_ in zip(array.strides, step.arguments, strict=True))
    memory.share(output, array, strides)
    _look_sparsely(output, strides)


def _as_strided(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (output,) = outputs
    memory.share(output, inputs[0], step.arguments)
    _look_sparsely(output, step.arguments)


def _look_sparsely(array: Array, strides: Strides) -> None:
    """The flags of a view that may leave out elements between its own, or see some twice."""
    steps = [stride * (length - 1) for stride, length in zip(strides, array.shape, strict=True)]
    array.data_size = sum(map(abs, steps)) + 1
    elements, array.row, array.column = check_contiguity(array.shape, strides)
    array.contiguous = elements == array.data_size


def _split(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    array = inputs[0]
    for output in outputs:
        memory.share(output, array)
        output.data_size, output.row, output.column = check_contiguity(output.shape, array.strides)
        if output.data_size == 1:
            output.contiguous = True
        elif output.data_size != array.data_size:
            output.contiguous = array.contiguous and (output.row or output.column)


def _reshape(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    """A view where strides can say it; else a copy, as of attention's output, whose heads stand apart."""
    (array,), (output,) = inputs, outputs
    strides = reshaped_strides(array, output.shape)
    if strides is None:
        memory.fresh(output)
        memory.dispatch()
        return
    memory.share(output, array, strides)
    if array.row:
        output.column = is_vector(output.shape, output.size)


VIEWS: dict[str, Rule] = {
    "Copy": _same,
    "StopGradient": _same,
    "Depends": _same,
    "CustomTransforms": _custom_transforms,
    "Transpose": _transpose,
    "Broadcast": _broadcast,
    "BroadcastAxes": _broadcast,
    "ExpandDims": _expand_dims,
    "Squeeze": _squeeze,
    "Slice": _slice,
    "AsStrided": _as_strided,
    "Split": _split,
    "Reshape": _reshape,
    "Flatten": _reshape,
    "Unflatten": _reshape,
}
