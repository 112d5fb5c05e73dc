"""Matrix products: mlx/backend/cpu/{matmul,masked_mm,quantized}.cpp. What BLAS or a kernel cannot read is copied."""

from collections.abc import Sequence

from app.memory.simulator.arrays import Array
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.program import Step
from app.memory.simulator.rules.copies import copy, scalar_or
from app.memory.simulator.rules.rule import Rule


def _matmul(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    memory.fresh(outputs[0])
    _copy_unreadable(memory, inputs[:2])
    memory.dispatch()


def _add_matmul(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    added = inputs[2]
    copy(memory, added, outputs[0], scalar_or(added, added.row))
    _copy_unreadable(memory, inputs[:2])
    memory.dispatch()


def _quantized(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    for array in inputs:
        if not array.row:
            memory.temporary(array.bytes)
    memory.fresh(outputs[0])
    memory.dispatch()


def _gathered_quantized(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    *matrices, _, _ = inputs
    for array in matrices:
        if array.strides[-2:] != (array.shape[-1], 1):
            memory.temporary(array.bytes)
    memory.fresh(outputs[0])
    memory.dispatch()


def _copy_unreadable(memory: Evaluation, matrices: Sequence[Array]) -> None:
    """`check_transpose`: rows and columns must stand without gaps, in either order."""
    for array in matrices:
        rows, columns = array.shape[-2:]
        if array.strides[-2:] not in ((columns, 1), (1, rows)):
            memory.temporary(array.bytes)


PRODUCTS: dict[str, Rule] = {
    "Matmul": _matmul,
    "GatherMM": _matmul,
    "SegmentedMM": _matmul,
    "AddMM": _add_matmul,
    "QuantizedMatmul": _quantized,
    "GatherQMM": _gathered_quantized,
}
