"""Primitives that read whole rows, or make an array out of little: softmax.cpp, logsumexp.cpp, reduce.cpp, scan.cpp,
indexing.cpp and primitives.cpp of mlx/backend/cpu."""

from collections.abc import Sequence

from app.memory.simulator.arrays import Array
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.program import Step
from app.memory.simulator.rules.rule import Rule, allocate_outputs


def _softmax(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    (array,), (output,) = inputs, outputs
    if not _has_whole_rows(array):
        memory.fresh(output)
        memory.dispatch()
    elif memory.is_donatable(array):
        memory.share(output, array)
    else:
        memory.alike(output, array)
    memory.dispatch()


def _log_sum_exp(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    if not _has_whole_rows(inputs[0]):
        memory.temporary(inputs[0].bytes)
    allocate_outputs(memory, step, inputs, outputs)


def _scan(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    if not inputs[0].row:
        memory.temporary(inputs[0].bytes)
    allocate_outputs(memory, step, inputs, outputs)


def _number_of_elements(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    memory.fresh(outputs[0])


def _has_whole_rows(array: Array) -> bool:
    return array.contiguous and (not array.strides or array.strides[-1] == 1)


PLAIN = (
    "Arange", "ArgPartition", "ArgReduce", "ArgSort", "Gather", "GatherAxis", "RandomBits", "Reduce", "SearchSorted",
)  # fmt: skip

REDUCTIONS: dict[str, Rule] = {
    "Softmax": _softmax,
    "LogSumExp": _log_sum_exp,
    "Scan": _scan,
    "NumberOfElements": _number_of_elements,
    **dict.fromkeys(
        (
            "Arange",
            "ArgPartition",
            "ArgReduce",
            "ArgSort",
            "Gather",
            "GatherAxis",
            "RandomBits",
            "Reduce",
            "SearchSorted",
        ),
        allocate_outputs,
    ),
}
