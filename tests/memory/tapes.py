"""Tapes of a few primitives, written by hand."""

from collections.abc import Sequence

from app.wire.tape import Primitive, Tape

Shape = tuple[int, ...]


def tape(
    shapes: Sequence[Shape],
    primitives: Sequence[tuple[str, Sequence[int], Sequence[int]]],
    inputs: dict[int, str],
    evaluated: Sequence[int],
    **fields,
) -> Tape:
    """Of arrays of 4 bytes; primitives are names, inputs and outputs."""
    made = tuple(Primitive(name, (), tuple(read), tuple(outputs)) for name, read, outputs in primitives)
    return Tape(
        **{
            "phase": "update",
            "shapes": tuple(shapes),
            "itemsizes": (4,) * len(shapes),
            "primitives": made,
            "inputs": inputs,
            "constants": (),
            "evaluated": tuple(evaluated),
            "released": (),
            **fields,
        }
    )


def of_lengths(*shapes: Shape, **fields) -> Tape:
    """One primitive that makes arrays of these shapes from the first."""
    return tape(shapes, [("Gather", [0], range(1, len(shapes)))], {0: "weights"}, range(1, len(shapes)), **fields)
