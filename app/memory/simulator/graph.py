"""A tape while it is being rewritten: who makes which array of what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.wire.tape import Primitive, Tape


@dataclass(slots=True, eq=False)
class Node:
    """One primitive. Arrays go by number, as in the tape."""

    name: str
    arguments: tuple[int, ...]
    inputs: list[int]
    outputs: list[int]


@dataclass
class Graph:
    """`nodes` in an order in which every array is made before it is read."""

    nodes: list[Node]
    outputs: list[int]
    inputs: frozenset[int]
    constants: frozenset[int]
    shapes: list[tuple[int, ...]]
    itemsizes: list[int]
    origins: list[int]
    """Of each array, the array of the tape that it is: itself, or the one that it is a copy of."""
    makers: dict[int, Node] = field(default_factory=dict)
    """By array."""

    def __post_init__(self) -> None:
        self.makers = {array: node for node in self.nodes for array in node.outputs}

    def copy_of(self, array: int) -> int:
        """A new array like another."""
        self.shapes.append(self.shapes[array])
        self.itemsizes.append(self.itemsizes[array])
        self.origins.append(self.origins[array])
        return len(self.shapes) - 1

    def sort(self) -> None:
        """Bring the nodes in depth-first order from the outputs, and drop what no output needs."""
        self.nodes = list(_depth_first(self.outputs, self.makers))
        self.makers = {array: node for node in self.nodes for array in node.outputs}


def graph_of(tape: Tape) -> Graph:
    """The tape's own graph."""
    return Graph(
        nodes=[_node(primitive) for primitive in tape.primitives],
        outputs=list(tape.evaluated),
        inputs=frozenset(tape.inputs),
        constants=frozenset(tape.constants),
        shapes=list(tape.shapes),
        itemsizes=list(tape.itemsizes),
        origins=list(range(len(tape.shapes))),
    )


def _node(primitive: Primitive) -> Node:
    return Node(primitive.name, primitive.arguments, list(primitive.inputs), list(primitive.outputs))


def _depth_first(roots: Sequence[int], makers: dict[int, Node]) -> Iterator[Node]:
    made: set[int] = set()
    for root in roots:
        stack = [(root, 0)]
        while stack:
            array, at = stack.pop()
            node = makers.get(array)
            if node is None or array in made:
                continue
            if at < len(node.inputs):
                stack.append((array, at + 1))
                stack.append((node.inputs[at], 0))
            else:
                made.update(node.outputs)
                yield node
