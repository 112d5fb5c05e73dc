"""What GPU backends build as single primitives: mlx/backend/{cuda,metal}/{rms_norm,layer_norm,rope,normalization}.

CrossEntropy, newer than the source that was read, and attention are taken to allocate what they make.
"""

from collections.abc import Sequence

from app.memory.simulator.arrays import Array
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.program import Step
from app.memory.simulator.rules.rule import Rule, allocate_outputs


def _norm(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    array, output = inputs[0], outputs[0]
    if not array.contiguous or array.strides[-1] != 1:
        memory.fresh(output)
        memory.dispatch()
    else:
        _take_or_be_alike(memory, array, output)
    memory.dispatch()


def _norm_gradient(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    """Its several outputs each read the inputs, so it never takes their memory."""
    for array in (inputs[0], inputs[-1]):
        if not array.row:
            memory.temporary(array.bytes)
    for output in outputs:
        memory.fresh(output)
    memory.dispatch()


def _rope(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    array, output = inputs[0], outputs[0]
    if len(array.shape) > 4 and not array.row:
        memory.fresh(output)
        memory.dispatch()
    else:
        _take_or_be_alike(memory, array, output)
    memory.dispatch()


def _take_or_be_alike(memory: Evaluation, array: Array, output: Array) -> None:
    if array.itemsize == output.itemsize and memory.is_donatable(array):
        memory.share(output, array)
    else:
        memory.alike(output, array)


FAST: dict[str, Rule] = {
    "RMSNorm": _norm,
    "LayerNorm": _norm,
    "RMSNormVJP": _norm_gradient,
    "LayerNormVJP": _norm_gradient,
    "RoPE": _rope,
    **dict.fromkeys(
        ("CrossEntropy", "CrossEntropyVJP", "ScaledDotProductAttention", "ScaledDotProductAttentionVJP"),
        allocate_outputs,
    ),
}
