"""One value out for one in: mlx/backend/common/{unary,binary,ternary}.h and compiled.cpp. They take an input's memory
when nobody else needs it."""

from collections.abc import Sequence

from app.memory.simulator.arrays import Array
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.fusion import BINARY, COMPILED, UNARY
from app.memory.simulator.program import Step
from app.memory.simulator.rules.rule import Rule


def _unary(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (array,), (output,) = inputs, outputs
    if not array.contiguous:
        memory.fresh(output)
    elif memory.fits(array, output):
        memory.share(output, array)
    else:
        memory.alike(output, array)
    memory.dispatch()


def _binary(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (first, second), (output,) = inputs, outputs
    if first.data_size == 1 and second.data_size == 1:
        memory.alike(output, first)
    elif first.data_size == 1 and second.contiguous:
        _take_or_be_alike(memory, output, (second,), second)
    elif second.data_size == 1 and first.contiguous:
        _take_or_be_alike(memory, output, (first,), first)
    elif _are_alike(inputs):
        _take_or_be_alike(memory, output, inputs, first)
    else:
        _take_or_be_fresh(memory, output, [array for array in inputs if array.row and array.size == output.size])
    memory.dispatch()


def _select(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (output,) = outputs
    if all(array.data_size == 1 for array in inputs):
        memory.alike(output, inputs[1])
    elif _are_alike(inputs):
        _take_or_be_alike(memory, output, inputs, inputs[1])
    else:
        _take_or_be_fresh(memory, output, [array for array in inputs if array.row])
    memory.dispatch()


def _compiled(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    """`compiled_allocate_outputs`. A kernel of several outputs is read by each, so it never takes an input's memory."""
    left = list(outputs)
    if _is_contiguous(inputs, outputs[0]):
        model = next((array for array in inputs if array.size == outputs[0].size), None)
        for array in inputs:
            if left and array.shape and _may_take(memory, array, left[0]):
                memory.share(left.pop(0), array)
        for output in left:
            if model:
                memory.alike(output, model)
            else:
                memory.fresh(output)
    else:
        for array in inputs:
            if left and array.row and array.size == left[0].size and _may_take(memory, array, left[0]):
                output = left.pop(0)
                output.lay_out()
                memory.share(output, array, output.strides)
        for output in left:
            memory.fresh(output)
    memory.dispatch()


def _is_contiguous(inputs: Sequence[Array], output: Array) -> bool:
    """Whether one loop over the buffers does (`compiled_check_contiguity`)."""
    larger = [array for array in inputs if array.shape]
    if not larger:
        return not output.shape
    if any(array.shape != output.shape for array in larger):
        return False
    if len(larger) == 1:
        return larger[0].contiguous
    return _are_alike(larger)


def _are_alike(arrays: Sequence[Array]) -> bool:
    return all(array.row for array in arrays) or all(array.column for array in arrays)


def _may_take(memory: Evaluation, array: Array, output: Array) -> bool:
    return array.itemsize == output.itemsize and not memory.is_scalar_constant(array) and memory.is_donatable(array)


def _take_or_be_alike(memory: Evaluation, output: Array, candidates: Sequence[Array], model: Array) -> None:
    if not _take(memory, output, candidates):
        memory.alike(output, model)


def _take_or_be_fresh(memory: Evaluation, output: Array, candidates: Sequence[Array]) -> None:
    if not _take(memory, output, candidates):
        memory.fresh(output)


def _take(memory: Evaluation, output: Array, candidates: Sequence[Array]) -> bool:
    for array in candidates:
        if memory.fits(array, output):
            memory.share(output, array)
            return True
    return False


ELEMENTWISE: dict[str, Rule] = {
    **dict.fromkeys(UNARY - {"AsType", "Remainder"}, _unary),
    **dict.fromkeys(BINARY | {"Remainder"}, _binary),  # which MLX counts among the unary when it fuses
    "Select": _select,
    COMPILED: _compiled,
}
