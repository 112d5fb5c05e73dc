"""What a GPU's single primitives do to memory, as read in MLX's source."""

import pytest

from app.memory.simulator.program import compile_program
from app.memory.simulator.replaying import replay
from app.memory.simulator.run_ahead import CommandBuffers
from tests.memory.tapes import Shape, tape

SIZE = 4 * 2 * 8 * 16
"""Bytes of x, the first array that is made."""
X, PARAMETER = (2, 8, 16), (16,)


def peak(*primitives: tuple[str, list[int], list[int]], shapes: list[Shape]) -> int:
    """Beside the two inputs, a token and a parameter, of what is made after array 1; nothing is under way."""
    last = primitives[-1][2][0]
    step = tape([(1,), PARAMETER, *shapes], primitives, {0: "batch", 1: "weights"}, [last])
    found = replay(compile_program(step), step.shapes, step.itemsizes, CommandBuffers(0, 0, 0))
    assert not found.unknown
    return found.peak - 4 - 4 * 16


@pytest.mark.parametrize("kind", ["RMSNorm", "LayerNorm", "RoPE"])
def test_they_take_what_nobody_else_needs(kind):
    assert peak(("Gather", [0], [2]), (kind, [2, 1], [3]), shapes=[X, X]) == SIZE
    kept = [("Gather", [0], [2]), (kind, [2, 1], [3]), ("Concatenate", [2, 3], [4])]
    assert peak(*kept, shapes=[X, X, (4, 8, 16)]) == 4 * SIZE
    assert peak(("Gather", [0], [2]), (kind, [2, 1], [3]), ("ArgSort", [3], [4]), shapes=[X, X, X]) == 2 * SIZE


def test_gradients_never_do():
    """Each of its outputs reads the inputs."""
    made = [("Gather", [0], [2]), ("Gather", [0], [3]), ("RMSNormVJP", [2, 1, 3], [4, 5])]
    assert peak(*made, shapes=[X, X, X, PARAMETER]) == 3 * SIZE + 4 * 16


def test_what_does_not_stand_in_rows_is_copied():
    wide, turned = (2, 16, 8), (2, 8, 16)
    step = tape(
        [(1,), PARAMETER, wide, turned, turned],
        [("Gather", [0], [2]), ("Transpose", [2], [3]), ("RMSNorm", [3, 1], [4])],
        {0: "batch", 1: "weights"},
        [4],
    )
    primitives = tuple(
        type(each)(each.name, (0, 2, 1) if each.name == "Transpose" else (), each.inputs, each.outputs)
        for each in step.primitives
    )
    step = type(step)(**{**vars(step), "primitives": primitives})
    found = replay(compile_program(step), step.shapes, step.itemsizes, CommandBuffers(0, 0, 0))
    assert found.peak - 4 - 4 * 16 == 2 * SIZE
