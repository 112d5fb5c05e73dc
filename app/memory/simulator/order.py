"""The order in which MLX evaluates a graph: mlx/transforms.cpp, `eval_impl`.

Breadth first from what is evaluated, but no wider than 20 arrays, then from the end: the export's own order is up to
76 % off.
"""

from collections.abc import Sequence

from app.memory.simulator.graph import Node

WIDEST = 20
"""MLX_BFS_MAX_WIDTH's default."""


def evaluation_order(evaluated: Sequence[int], makers: dict[int, Node]) -> list[int]:
    """One array of each node, as MLX comes to it, first to last."""
    readers = _count_readers(evaluated, makers)
    tape: list[int | None] = [None]  # None is the synchronizer, which reads all that is evaluated
    postponed: list[tuple[int | None, int]] = []
    at = 0
    while at < len(tape) or postponed:
        if at >= len(tape):
            array, first = postponed.pop()
        else:
            array, first = tape[at], 0
            at += 1
        inputs = evaluated if array is None else makers[array].inputs
        for place in range(first, len(inputs)):
            each = inputs[place]
            node = makers.get(each)
            if node is None:
                continue
            if len(tape) - at >= WIDEST:
                postponed.append((array, place))
                break
            for sibling in node.outputs:
                readers[sibling] -= 1
            if readers[each] == 0:
                tape.append(each)
    return [array for array in reversed(tape) if array is not None]


def _count_readers(evaluated: Sequence[int], makers: dict[int, Node]) -> dict[int, int]:
    """How often each array, or a sibling made with it, is read."""
    counts: dict[int, int] = {}
    visited: set[Node] = set()
    stack: list[Sequence[int]] = [evaluated]
    while stack:
        for array in stack.pop():
            node = makers.get(array)
            if node is None:
                continue
            for sibling in node.outputs:
                counts[sibling] = counts.get(sibling, 0) + 1
            if node not in visited:
                visited.add(node)
                stack.append(node.inputs)
    return counts
