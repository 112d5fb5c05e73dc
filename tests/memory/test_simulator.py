"""MLX's bookkeeping on tapes small enough to follow by hand: figures are counted from MLX's source, not from a run."""

from collections.abc import Sequence

import pytest

from app.memory.simulator.evaluation import Timeline
from app.memory.simulator.peak import of_few_updates, peak_bytes
from app.memory.simulator.program import Program, compile_program
from app.memory.simulator.replaying import replay
from app.memory.simulator.rules import RULES
from app.memory.simulator.run_ahead import CommandBuffers, CpuRunAhead
from app.wire.tape import Checkpoint, Primitive, Tape

FLOAT = 4
SQUARE = (16, 64)
BYTES = 16 * 64 * FLOAT


class InStep:
    """Allocation never runs ahead: every kernel is done before the next primitive is prepared."""

    def __init__(self):
        self._held = []

    def dispatch(self, held, elements):
        self._held.extend(held)

    def done(self):
        held, self._held = self._held, []
        return held


def primitive(name, inputs, output, *arguments) -> Primitive:
    return Primitive(name, arguments, tuple(inputs), (output,))


def tape(primitives: Sequence[Primitive], shapes, evaluated, inputs=(0,), **fields) -> Tape:
    """Arrays of float32, numbered in the order of `shapes`."""
    return Tape(
        phase="update",
        shapes=tuple(shapes),
        itemsizes=(FLOAT,) * len(shapes),
        primitives=tuple(primitives),
        inputs=dict.fromkeys(inputs, "weights"),
        constants=fields.pop("constants", ()),
        evaluated=tuple(evaluated),
        released=fields.pop("released", ()),
        **fields,
    )


def chain(name: str, count: int, shape=SQUARE, **fields) -> Tape:
    """Each array made of the one before; only the last is kept."""
    primitives = [primitive(name, [array], array + 1) for array in range(count)]
    return tape(primitives, [shape] * (count + 1), [count], **fields)


def program(of: Tape, **options) -> Program:
    return compile_program(of, **options)


def names(of: Tape, **options) -> list[str]:
    return [step.name for step in program(of, **options).steps]


def run(of: Tape, run_ahead=None, **options) -> Timeline:
    return replay(program(of, **options), of.shapes, of.itemsizes, run_ahead or InStep())


def test_what_is_fused_is_never_allocated():
    product = [primitive("Exp", [0], 1), primitive("Abs", [0], 2), primitive("Multiply", [1, 2], 3)]
    product = tape(product, [SQUARE] * 4, [3])
    assert names(product) == ["Compiled"]
    assert run(product).peak == 2 * BYTES
    assert len(names(product, fused=False)) == 3
    assert run(product, fused=False).peak == 3 * BYTES


def test_fusion_ends_at_its_depth():
    assert names(chain("Exp", 11)) == ["Compiled"]
    assert names(chain("Exp", 13)) == ["Compiled", "Compiled"]
    assert names(chain("Exp", 12)) == ["Exp", "Compiled"]


def test_an_array_that_others_read_is_not_fused():
    read_twice = [
        primitive("Exp", [0], 1), primitive("Softmax", [1], 2), primitive("Abs", [1], 3), primitive("Add", [2, 3], 4),
    ]  # fmt: skip
    assert sorted(names(tape(read_twice, [SQUARE] * 5, [4]))) == ["Compiled", "Exp", "Softmax"]


def test_a_result_in_the_middle_of_a_kernel_is_its_second_output():
    both = chain("Exp", 2)
    both = tape(both.primitives, both.shapes, [1, 2])
    (step,) = program(both).steps
    assert (step.name, step.outputs) == ("Compiled", (1, 2))
    assert run(both).peak == 3 * BYTES


def test_a_broadcast_that_others_read_is_split():
    primitives = [
        primitive("Broadcast", [0], 1), primitive("Exp", [1], 2), primitive("Softmax", [1], 3),
        primitive("Add", [2, 3], 4),
    ]  # fmt: skip
    steps = program(tape(primitives, [(64,), *[SQUARE] * 4], [4])).steps
    kernel = steps[-1]
    assert sorted(step.name for step in steps) == ["Broadcast", "Compiled", "Softmax"]
    assert kernel.inputs == (0, 3)


def test_evaluation_is_breadth_first_from_the_end():
    """Of two results, the last one's makers come first; an array comes before all that read it."""
    primitives = [
        primitive("Sort", [0], 1), primitive("Sort", [1], 2), primitive("Sort", [1], 3), primitive("Sort", [3], 4),
    ]  # fmt: skip
    steps = program(tape(primitives, [SQUARE] * 5, [2, 4])).steps
    assert [step.own for step in steps] == [1, 3, 4, 2]


def test_no_more_than_20_arrays_are_looked_at_side_by_side():
    """25 results, each of two primitives: breadth first alone would make the first halves of all before a second."""
    primitives = [
        each
        for result in range(25)
        for each in (primitive("Sort", [0], 2 * result + 1), primitive("Sort", [2 * result + 1], 2 * result + 2))
    ]
    steps = program(tape(primitives, [SQUARE] * 51, range(2, 51, 2))).steps
    assert [step.own for step in steps][:10] == [49, 47, 45, 43, 41, 50, 48, 46, 44, 42]


def test_a_transposed_matrix_is_multiplied_as_it_is_and_a_cut_one_is_copied():
    product = (64, 64)
    transposed = [primitive("Transpose", [0], 1, 1, 0), primitive("Matmul", [1, 0], 2)]
    assert run(tape(transposed, [SQUARE, (64, 16), product], [2])).peak == BYTES + 64 * 64 * FLOAT
    cut = [primitive("Slice", [0], 1, 1, 2), primitive("Matmul", [1, 2], 3)]
    shapes = [(16, 64), (16, 32), (32, 16), (16, 16)]
    copied, second, out = (FLOAT * size for size in (16 * 32, 32 * 16, 16 * 16))
    assert run(tape(cut, shapes, [3], inputs=(0, 2))).peak == BYTES + second + out + copied


def test_a_reshape_is_a_copy_only_where_strides_cannot_say_it():
    assert run(tape([primitive("Reshape", [0], 1)], [SQUARE, (1024,)], [1])).peak == BYTES
    heads = [primitive("Transpose", [0], 1, 1, 0), primitive("Reshape", [1], 2)]
    assert run(tape(heads, [SQUARE, (64, 16), (1024,)], [2])).peak == 2 * BYTES


def test_a_broadcast_value_stays_one_value_until_it_meets_a_full_array():
    shapes = [(1,), SQUARE, SQUARE]
    alone = [primitive("Broadcast", [0], 1), primitive("Exp", [1], 2)]
    assert run(tape(alone, shapes, [2]), fused=False).peak == 2 * FLOAT


def test_memory_that_nobody_needs_is_taken():
    kept = chain("Softmax", 1)
    assert run(kept).peak == 2 * BYTES
    released = chain("Softmax", 1, released=(0,))
    assert run(released).peak == BYTES
    doubled = tape(
        [Primitive("Compiled", (), (0,), (1, 2))], [SQUARE] * 3, [1, 2], released=(0,)
    )  # each output holds a list of the inputs, so that none is the only one to need them
    assert run(doubled).peak == 3 * BYTES


def test_a_pending_kernel_keeps_what_it_reads_from_being_taken():
    read_before = [primitive("Reduce", [0], 1), primitive("Softmax", [0], 2), primitive("Add", [2, 1], 3)]
    read_before = tape(read_before, [SQUARE, (), SQUARE, SQUARE], [3], released=(0,))
    assert run(read_before).peak < 2 * BYTES
    assert run(read_before, CpuRunAhead()).peak >= 2 * BYTES


@pytest.mark.parametrize("begun", [0, 5])
def test_the_cpu_frees_a_hundred_dispatches_late(begun):
    """ArgSort is a kernel, and one that holds what it reads. With the 110th, the first ten are waited for; some of them
    were queued by the step before, and what the first one reads is kept anyway."""
    timeline = run(chain("ArgSort", 100), CpuRunAhead(begun))
    queued = [begun + 2 * (at + 1) for at in range(100)]
    full = next(at for at in range(100) if queued[at] >= 110)
    freed = sum(number <= 10 for number in queued) - 1
    assert timeline.live[full] == BYTES * (full + 2)
    assert timeline.live[full + 1] == BYTES * (full + 3 - freed)
    assert run(chain("ArgSort", 100)).peak == 3 * BYTES


def test_command_buffers_free_together():
    shallow, deep = (run(chain("ArgSort", 60), CommandBuffers(5, 10**9, most_waiting=waiting)) for waiting in (1, 4))
    assert 3 * BYTES < shallow.peak < deep.peak < 60 * BYTES


def test_an_unknown_primitive_allocates_and_is_reported():
    found = peak_bytes([chain("Frobnicate", 1)])
    assert found.unknown == {"Frobnicate"}
    assert found.point == 2 * BYTES
    assert not peak_bytes([chain("Sort", 1)]).unknown


def test_every_elementwise_primitive_takes_its_inputs():
    """MLX counts Remainder among the unary where it fuses, but it has two."""
    pair = [primitive("Remainder", [0, 1], 2)]
    assert run(tape(pair, [SQUARE] * 3, [2], inputs=(0, 1))).peak == 3 * BYTES
    assert {"FloorDivide", "Remainder", "AsStrided"} <= RULES.keys()


def test_the_peak_is_of_the_phase_and_the_beginning_that_need_most():
    small, large = chain("ArgSort", 40), chain("ArgSort", 60)
    found = peak_bytes([small, large])
    alone = [run(large, CpuRunAhead(begun)).peak for begun in range(10)]
    assert (found.low, found.point, found.high) == (min(alone), max(alone), max(alone))
    assert alone[found.beginning] == found.point
    assert found.timeline.live[found.position] == found.point


def test_what_is_held_at_the_peak_adds_up_to_it():
    for of in (chain("ArgSort", 100), chain("Softmax", 30), chain("Exp", 30)):
        timeline = run(of, CpuRunAhead())
        at = timeline.live.index(timeline.peak)
        assert sum(buffer.bytes for buffer in timeline.held(at)) == timeline.peak


def checkpointed() -> Tape:
    """y = sort(x), marked: x' = x * marker; out = y + sort(x') * marker; and a cotangent that passes by a marker."""
    primitives = [
        primitive("Sort", [0], 3),
        primitive("Multiply", [0, 1], 4),
        primitive("Sort", [4], 5),
        primitive("Multiply", [5, 2], 6),
        primitive("Add", [3, 6], 7),
        primitive("Multiply", [7, 1], 8),
        primitive("Softmax", [8], 9),
    ]
    shapes = [SQUARE, (), (), *[SQUARE] * 7]
    return tape(primitives, shapes, [9], constants=(1, 2), markers=(1, 2), checkpoints=(Checkpoint((4,), (7,)),))


def test_a_marked_checkpoint_becomes_what_mlx_builds():
    steps = {step.name: step for step in program(checkpointed()).steps}
    assert list(steps) == ["Sort", "CustomTransforms", "Softmax"]
    assert (steps["CustomTransforms"].inputs, steps["CustomTransforms"].outputs) == ((0, 3), (7,))
    assert steps["Softmax"].inputs == (7,)


def test_the_second_pass_waits_for_the_first():
    of = checkpointed()
    both = tape(of.primitives, of.shapes, [9, 5], constants=(1, 2), markers=(1, 2), checkpoints=of.checkpoints)
    (depends,) = [step for step in program(both).steps if step.name == "Depends"]
    assert (depends.inputs, depends.outputs) == ((0, 7), (4,))


def test_marks_that_do_not_stand_as_agreed_are_an_error():
    of = checkpointed()
    wrong = tape(of.primitives, of.shapes, [9], constants=(1, 2), markers=(1, 2), checkpoints=(Checkpoint((4,), (9,)),))
    with pytest.raises(ValueError, match="made by Softmax"):
        compile_program(wrong)


def test_few_updates_may_miss_the_worst_state_of_the_queue_and_many_do_not():
    assert of_few_updates(1039, 1000, 3) == 1025
    assert of_few_updates(1010, 1000, 3) == 1010
    assert of_few_updates(1039, 1000, 10) == of_few_updates(1039, 1000, 1000) == 1039
