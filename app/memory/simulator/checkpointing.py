"""Gradient checkpoints: what the tracer could only mark becomes what `mx.checkpoint` builds.

mlx/transforms.cpp, `checkpoint`: forward, the outputs pass through a CustomTransforms that holds on to all primals; in
the backward pass one Depends makes the primals wait for the forward outputs, and the function runs on them again.
MLX exports no CustomTransforms, so the tracer multiplies the second pass's inputs and outputs by marker constants.
"""

from app.memory.simulator.graph import Graph, Node
from app.wire.tape import Checkpoint, Tape


def put_checkpoints(graph: Graph, tape: Tape) -> None:
    """Rewrite the marked places of `tape` in its graph. Raises ValueError for marks that do not stand as agreed."""
    if not tape.checkpoints:
        return
    markers = _Markers(graph, tape)
    marked: set[Node] = set()
    for checkpoint in tape.checkpoints:
        marked |= _rewrite(graph, checkpoint, markers)
    replaced = _unmarked_cotangents(graph, markers, marked)
    for node in {id(node): node for node in graph.makers.values()}.values():
        node.inputs = [_behind(array, replaced) for array in node.inputs]
    graph.outputs = [_behind(array, replaced) for array in graph.outputs]
    graph.sort()


class _Markers:
    """The marker constants, and what MLX made of them to fit a shape or a type."""

    def __init__(self, graph: Graph, tape: Tape):
        self._graph, self._constants = graph, frozenset(tape.markers)

    def __contains__(self, array: int) -> bool:
        if array in self._constants:
            return True
        node = self._graph.makers.get(array)
        return node is not None and node.name in ("Broadcast", "AsType") and node.inputs[0] in self._constants

    def other(self, node: Node) -> int:
        """The input of a marking node that is no marker; both are one where an array is compared with itself."""
        return next(array for array in node.inputs if array not in self)

    def is_second_pass(self, array: int) -> bool:
        node = self._graph.makers.get(array)
        return node is not None and node.name == "Multiply" and any(each in self for each in node.inputs)


def _rewrite(graph: Graph, checkpoint: Checkpoint, markers: _Markers) -> set[Node]:
    """Make one call's marks into Depends and CustomTransforms. Returns the nodes that marked it."""
    marking = [graph.makers[array] for array in checkpoint.primals]
    primals = [markers.other(node) for node in marking]
    forward = []
    for array in checkpoint.outputs:
        joined = graph.makers[array]
        first = [each for each in joined.inputs if not markers.is_second_pass(each)]
        if joined.name != "Add" or len(first) != 1:
            raise ValueError(f"a checkpoint's output is made by {joined.name}, not by one sum of both passes")
        forward.append(first[0])
        marking += [joined, *(graph.makers[each] for each in joined.inputs if markers.is_second_pass(each))]
    depends = Node("Depends", (), [*primals, *checkpoint.outputs], list(checkpoint.primals))
    transforms = Node("CustomTransforms", (), [*primals, *forward], list(checkpoint.outputs))
    graph.makers |= dict.fromkeys(checkpoint.primals, depends) | dict.fromkeys(checkpoint.outputs, transforms)
    return set(marking)


def _unmarked_cotangents(graph: Graph, markers: _Markers, marked: set[Node]) -> dict[int, int]:
    """By the product of a cotangent with a marker, the cotangent alone: in `mx.checkpoint` it passes as it is."""
    return {
        node.outputs[0]: markers.other(node)
        for node in graph.nodes
        if node.name == "Multiply" and node not in marked and any(each in markers for each in node.inputs)
    }


def _behind(array: int, replaced: dict[int, int]) -> int:
    while array in replaced:
        array = replaced[array]
    return array
