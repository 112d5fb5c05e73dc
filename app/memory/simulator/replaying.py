"""A program evaluated by the rules of MLX's primitives."""

from collections.abc import Sequence

from app.memory.simulator.evaluation import Evaluation, Timeline
from app.memory.simulator.program import Program
from app.memory.simulator.rules import RULES, allocate_outputs
from app.memory.simulator.run_ahead import RunAhead

_RULES = RULES | {"": allocate_outputs}


def replay(
    program: Program, shapes: Sequence[tuple[int, ...]], itemsizes: Sequence[int], run_ahead: RunAhead
) -> Timeline:
    """Evaluate a program at the shapes of its arrays, with nothing but the bookkeeping of MLX."""
    return Evaluation(program, shapes, itemsizes, run_ahead, _RULES).run()
