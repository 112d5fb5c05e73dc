"""What a rule is, and the plainest."""

from collections.abc import Callable, Sequence

from app.memory.simulator.arrays import Array
from app.memory.simulator.evaluation import Evaluation
from app.memory.simulator.program import Step

Rule = Callable[[Evaluation, Step, Sequence[Array], Sequence[Array]], None]
"""Gives each output a layout and a buffer, and counts the kernels that the primitive queues."""


def allocate_outputs(memory: Evaluation, step: Step, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    """One kernel that writes all outputs in rows."""
    for output in outputs:
        memory.fresh(output)
    memory.dispatch()
