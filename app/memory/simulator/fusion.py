"""What `mx.compile` fuses into single kernels: mlx/compile.cpp, `compile_fuse`.

Fused arrays are never allocated, so a prediction without fusion is 5 % off (median), to either side.
"""

from dataclasses import dataclass, field

from app.memory.simulator.graph import Graph, Node

COMPILED = "Compiled"

MOST_DEEP, MOST_INPUTS = 11, 24
"""`max_compile_depth` and `max_compile_arrays`."""

UNARY = frozenset({
    "Abs", "ArcCos", "ArcCosh", "ArcSin", "ArcSinh", "ArcTan", "ArcTanh", "AsType", "Ceil", "Cos", "Conjugate", "Cosh",
    "Remainder", "Erf", "ErfInv", "Exp", "Floor", "Log", "Log1p", "LogicalNot", "Negative", "Round", "Sigmoid", "Sign",
    "Sin", "Sinh", "Square", "Sqrt", "Rsqrt", "Tan", "Tanh", "Expm1", "Real", "Imag", "BitwiseInvert",
    "Log2", "Log10",
})  # fmt: skip
"""`is_unary`; Rsqrt, Log2 and Log10 are what Sqrt and Log are called when they are exported."""

BINARY = frozenset({
    "Add", "Divide", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "LogAddExp",
    "Maximum", "Minimum", "Multiply", "NotEqual", "NaNEqual", "Power", "Subtract", "BitwiseBinary", "BitwiseAnd",
    "BitwiseOr", "BitwiseXor", "LeftShift", "RightShift", "ArcTan2", "FloorDivide",
})  # fmt: skip
"""`is_binary`, the export names of BitwiseBinary's and Equal's variants, and FloorDivide, which came with 0.32.4."""

FUSABLE = UNARY | BINARY | {"Select", "Broadcast"}


def fuse(graph: Graph) -> None:
    """Put `Compiled` nodes in the place of what MLX fuses."""
    fusion = _Fusion(graph)
    nodes: list[Node] = []
    for node in reversed(graph.nodes):
        if node.outputs[-1] not in fusion.taken:
            nodes.append(fusion.fused(node) or node)
    graph.nodes = nodes[::-1]
    graph.makers = {array: node for node in graph.nodes for array in node.outputs}


@dataclass
class _Group:
    """What may become one kernel."""

    members: set[int] = field(default_factory=set)
    inputs: set[int] = field(default_factory=set)


class _Fusion:
    """One backward walk over the tape; `readers` is MLX's parents map: by array, who reads it and at which place."""

    def __init__(self, graph: Graph):
        self._graph = graph
        self._outputs = frozenset(graph.outputs)
        self._readers: dict[int, list[tuple[Node, int]]] = {}
        for node in graph.nodes:
            for at, array in enumerate(node.inputs):
                self._readers.setdefault(array, []).append((node, at))
        self.taken: set[int] = set()
        """Arrays that were fused into a kernel of a later one."""

    def fused(self, node: Node) -> Node | None:
        """The kernel that ends in this node; None when nothing fuses with it."""
        if node.name not in FUSABLE or node.name == "Broadcast" or len(node.outputs) > 1:
            return None
        group = self._collect(node.outputs[0])
        return self._kernel(node.outputs[0], group) if len(group.members) > 1 else None

    def _collect(self, root: int) -> _Group:
        makers, shapes, outputs = self._graph.makers, self._graph.shapes, self._outputs
        shape, group = shapes[root], _Group()
        members, inputs = group.members, group.inputs
        stack = [(root, 0)]
        while stack:
            array, depth = stack.pop()
            if array in members:
                continue
            node = makers.get(array)
            if (
                depth >= MOST_DEEP
                or node is None
                or node.name not in FUSABLE
                or len(node.outputs) > 1
                or (array in outputs and shapes[array] != shape)
            ):
                inputs.add(array)
                continue
            if depth and not all(reader.outputs[0] in members for reader, _ in self._readers[array]):
                if node.name != "Broadcast" or len(inputs) >= MOST_INPUTS:
                    inputs.add(array)
                    continue
                array = self._split(array, node, members)
                node = makers[array]
            inputs.add(array) if array in outputs else inputs.discard(array)
            if len(inputs) >= MOST_INPUTS:
                continue
            members.add(array)
            stack.extend((each, depth + 1) for each in reversed(node.inputs))
        return group

    def _split(self, array: int, node: Node, members: set[int]) -> int:
        """A broadcast of the group's own, beside the one that others read (`split_one`)."""
        own = self._graph.copy_of(array)
        self._graph.makers[own] = Node(node.name, node.arguments, node.inputs, [own])
        theirs, ours = [], []
        for reader, at in self._readers[array]:
            if reader.outputs[0] in members:
                reader.inputs[at] = own
                ours.append((reader, at))
            else:
                theirs.append((reader, at))
        self._readers[array], self._readers[own] = theirs, ours
        return own

    def _kernel(self, root: int, group: _Group) -> Node:
        members, inputs = self._in_order(root, group.members)
        outputs = [array for array in members[:-1] if array in self._outputs] + [root]
        for array in members[:-1]:
            self.taken.add(array)
            if array in self._outputs:
                self._readers[array] = self._others(array, group.members)
            else:
                self._readers.pop(array, None)
        kernel = Node(COMPILED, (), inputs, outputs)
        for at, array in enumerate(inputs):
            self._readers[array] = [*self._others(array, group.members), (kernel, at)]
        self._graph.makers |= dict.fromkeys(outputs, kernel)
        return kernel

    def _in_order(self, root: int, members: set[int]) -> tuple[list[int], list[int]]:
        """The members, each behind what it reads, and the kernel's inputs as they are met."""
        makers = self._graph.makers
        ordered: list[int] = []
        inputs: dict[int, None] = {}
        met: set[int] = set()
        stack = [(root, 0)]
        while stack:
            array, at = stack.pop()
            if array not in members:
                inputs.setdefault(array)
                continue
            if at == 0:
                if array in met:
                    continue
                met.add(array)
            reads = makers[array].inputs
            if at < len(reads):
                stack.append((array, at + 1))
                stack.append((reads[at], 0))
            else:
                ordered.append(array)
        return ordered, list(inputs)

    def _others(self, array: int, members: set[int]) -> list[tuple[Node, int]]:
        return [pair for pair in self._readers.get(array, ()) if pair[0].outputs[0] not in members]
