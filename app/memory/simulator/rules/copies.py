"""Primitives that begin with a copy: mlx/backend/common/copy.h, mlx/backend/cpu/{primitives,indexing,sort}.cpp."""

from collections.abc import Sequence
from enum import Enum, auto

from app.memory.simulator.arrays import Array
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.program import Step
from app.memory.simulator.rules.rule import Rule


class Copy(Enum):
    """CopyType: of one value, of the buffer as it is, or element by element into rows."""

    SCALAR = auto()
    VECTOR = auto()
    GENERAL = auto()


def copy(memory: Evaluation, array: Array, output: Array, kind: Copy) -> None:
    """`set_copy_output_data`: a copy of a buffer may take the buffer itself, and then queues no kernel."""
    if kind is not Copy.VECTOR:
        memory.fresh(output)
    elif memory.fits(array, output):
        memory.share(output, array)
        return
    else:
        memory.alike(output, array)
    memory.dispatch()


def _as_type(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    copy(memory, inputs[0], outputs[0], Copy.VECTOR if inputs[0].contiguous else Copy.GENERAL)


def _full(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    copy(memory, inputs[0], outputs[0], scalar_or(inputs[0], inputs[0].contiguous))


def _contiguous(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (array,), (output,) = inputs, outputs
    if array.row:
        memory.share(output, array)
    else:
        copy(memory, array, output, Copy.GENERAL)


def _slice_update(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    array = inputs[0]
    copy(memory, array, outputs[0], scalar_or(array, array.contiguous and array.size == array.data_size))
    memory.dispatch()


def _scatter(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    copy(memory, inputs[0], outputs[0], Copy.VECTOR if inputs[0].row else Copy.GENERAL)
    memory.dispatch()


def _sort(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    copy(memory, inputs[0], outputs[0], Copy.VECTOR if inputs[0].contiguous else Copy.GENERAL)
    memory.dispatch()


def _concatenate(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    memory.fresh(outputs[0])
    for _ in inputs:
        memory.dispatch()


def _pad(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    memory.fresh(outputs[0])
    memory.dispatch()
    memory.dispatch()


def scalar_or(array: Array, is_whole: bool) -> Copy:
    """The kind of copy, where a buffer that `is_whole` can be copied as it is."""
    if array.data_size == 1:
        return Copy.SCALAR
    return Copy.VECTOR if is_whole else Copy.GENERAL


COPIES: dict[str, Rule] = {
    "AsType": _as_type,
    "Full": _full,
    "Contiguous": _contiguous,
    "SliceUpdate": _slice_update,
    "DynamicSliceUpdate": _slice_update,
    "Scatter": _scatter,
    "ScatterAxis": _scatter,
    "MaskedScatter": _scatter,
    "Sort": _sort,
    "Partition": _sort,
    "Concatenate": _concatenate,
    "Pad": _pad,
}
