"""A step ready to be replayed: fused, in evaluation order. It holds for every batch and width of one structure."""

from collections import Counter
from dataclasses import dataclass

from app.memory.simulator.checkpointing import put_checkpoints
from app.memory.simulator.fusion import fuse
from app.memory.simulator.graph import graph_of
from app.memory.simulator.order import evaluation_order
from app.wire.tape import Tape


@dataclass(frozen=True, slots=True)
class Step:
    """One primitive in its turn."""

    name: str
    arguments: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    own: int
    """The output by which MLX came to it; the others are its siblings."""


@dataclass(frozen=True)
class Program:
    """Arrays go by number. Those from the tape have its shapes, later ones are like `origins` says."""

    steps: tuple[Step, ...]
    given: tuple[int, ...]
    """Inputs and constants, which lie in memory before the step begins."""
    scalars: frozenset[int]
    """Constants, which fused kernels never donate."""
    references: tuple[int, ...]
    """By array: how many hold it besides the buffer's own, at the beginning."""
    origins: tuple[int, ...]


def compile_program(tape: Tape, *, fused: bool = True) -> Program:
    """What MLX evaluates for a tape; not `fused` where MLX_DISABLE_COMPILE is set or no C++ compiler is there.

    Raises ValueError for checkpoint marks that do not stand as agreed.
    """
    graph = graph_of(tape)
    put_checkpoints(graph, tape)
    evaluated = list(graph.outputs)
    if fused:
        fuse(graph)
    steps = []
    for array in evaluation_order(evaluated, graph.makers):
        node = graph.makers[array]
        steps.append(Step(node.name, node.arguments, tuple(node.inputs), tuple(node.outputs), array))
    given = (*sorted(graph.inputs), *(each for each in tape.constants if each not in tape.markers))
    return Program(
        tuple(steps),
        given,
        graph.constants,
        _references(steps, evaluated, given, frozenset(tape.released) - set(evaluated), len(graph.shapes)),
        tuple(graph.origins),
    )


def _references(
    steps: list[Step], evaluated: list[int], given: tuple[int, ...], released: frozenset[int], arrays: int
) -> tuple[int, ...]:
    """Each output of a primitive holds a list of inputs of its own (`array::make_arrays`), so siblings count again."""
    counts: Counter[int] = Counter()
    for step in steps:
        for array in step.inputs:
            counts[array] += len(step.outputs)
    for array in evaluated:
        counts[array] += 2
    for array in given:
        if array not in released:
            counts[array] += 2
    return tuple(counts[array] for array in range(arrays))
