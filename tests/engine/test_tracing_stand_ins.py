"""What a trace builds in the place of what MLX cannot export, against MLX itself."""

import io
import re
from collections.abc import Callable

import mlx.core as mx
import pytest
from mlx import nn

from app.engine.tracing.checkpointing import Rehearsal
from app.engine.tracing.promises import gradient_path, kept, promised
from app.engine.tracing.randomness import Keys
from app.engine.tracing.recording import Recorder
from app.engine.tracing.stand_ins import standing_in
from app.engine.tracing.tracer import Tracer
from app.wire.tape import Primitive, TraceRequest
from tests.models.architectures import config_of


def traced(function: Callable[..., list[mx.array]], *inputs: mx.array) -> list[Primitive]:
    recorder = Recorder()
    with standing_in():
        mx.export_function(recorder, function, *inputs)
    primitives, _ = kept(recorder.primitives, recorder.outputs, recorder.constants)
    return primitives


def edges_of(primitives: list[Primitive]) -> list[tuple[str, list[str]]]:
    """Each primitive with the names of those that make what it reads."""
    makers = {array: primitive.name for primitive in primitives for array in primitive.outputs}
    return [(each.name, [makers.get(array, "") for array in each.inputs]) for each in primitives]


def edges_in_mlx(*outputs: mx.array) -> list[tuple[str, list[str]]]:
    """The same of MLX's real graph, in its own depth-first order."""
    text = io.StringIO()
    mx.export_to_dot(text, *outputs)
    names: dict[str, str] = {}
    reads: dict[str, list[str]] = {}
    made_by: dict[str, str] = {}
    for line in text.getvalue().splitlines():
        if node := re.match(r'\{ (\d+) \[label ="([^" ]+)', line):
            names[node[1]] = {"CumSum": "Scan", "Sum": "Reduce"}.get(node[2], node[2])
            reads[node[1]] = []
        elif read := re.match(r'"(\w+)" -> (\d+)', line):
            reads[read[2]].append(read[1])
        elif made := re.match(r'(\d+) -> "(\w+)"', line):
            made_by[made[2]] = made[1]

    def maker(array: str) -> str:
        node = made_by.get(array)
        if node is None:
            return ""
        return maker(reads[node][0]) if names[node] == "Copy" else names[node]

    return [(name, [maker(array) for array in reads[node]]) for node, name in names.items() if name != "Copy"]


def listed(gradients: mx.array | tuple[mx.array, ...]) -> list[mx.array]:
    """MLX gives one gradient alone."""
    return [gradients] if isinstance(gradients, mx.array) else list(gradients)


EXPERTS, ROWS, INTO, OUT = 3, 8, 4, 6
INDICES = mx.array([0, 0, 1, 1, 1, 2, 2, 2], mx.uint32)


def _weights(weights: mx.array, x: mx.array, cotangent: mx.array, sorted_indices: bool) -> mx.array:
    y = mx.gather_mm(x, weights.swapaxes(-1, -2), rhs_indices=INDICES, sorted_indices=sorted_indices)
    return (y * cotangent).sum()


@pytest.mark.parametrize("sorted_indices", [True, False])
@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("wanted", [(0,), (1,), (0, 1)])
def test_the_gradient_of_experts_is_mlx_own_graph(sorted_indices, rows, wanted):
    def gradients(weights: mx.array, x: mx.array, cotangent: mx.array) -> list[mx.array]:
        return listed(mx.grad(_weights, argnums=wanted)(weights, x, cotangent, sorted_indices))

    inputs = [mx.ones((EXPERTS, OUT, INTO)), mx.ones((ROWS, rows, INTO)), mx.ones((ROWS, rows, OUT))]
    mx.eval(inputs)
    expected = edges_in_mlx(*gradients(*inputs))
    assert edges_of(traced(gradients, *inputs)) == expected
    assert ("SegmentedMM" in [name for name, _ in expected]) == (sorted_indices and 0 in wanted)


def test_the_value_of_experts_is_mlx_own_graph():
    def value(weights: mx.array, x: mx.array) -> list[mx.array]:
        return [mx.gather_mm(x, weights.swapaxes(-1, -2), rhs_indices=INDICES, sorted_indices=True)]

    inputs = [mx.ones((EXPERTS, OUT, INTO)), mx.ones((ROWS, 1, INTO))]
    mx.eval(inputs)
    assert edges_of(traced(value, *inputs)) == edges_in_mlx(*value(*inputs))


@pytest.mark.parametrize("model_type", ["mixtral", "olmoe", "qwen3_moe"])
@pytest.mark.parametrize("checkpointed", [False, True])
def test_trained_experts_are_in_the_tape(model_type, checkpointed):
    config = {"num_layers": 2, "grad_checkpoint": checkpointed, "fine_tune_type": "full"}
    _, update = Tracer().trace(TraceRequest(None, config_of(model_type), config, 2, 65))
    segmented = [each for each in update.primitives if each.name == "SegmentedMM"]
    assert [update.shapes[each.outputs[0]][0] for each in segmented] == [4] * 6  # three layers of experts in two blocks
    assert not any(each.name == "Depends" for each in update.primitives)
    for each in segmented:
        cotangent, rows, segments = (update.shapes[array] for array in each.inputs)
        assert cotangent[1] == rows[0] == 2 * 64 * 2
        assert segments == (4, 2)


def test_contiguous_is_the_primitive_alone():
    def gradient(x: mx.array, cotangent: mx.array) -> list[mx.array]:
        def loss(x: mx.array) -> mx.array:
            return (mx.contiguous(mx.square(x).T) * cotangent).sum()

        return list(mx.value_and_grad(loss)(x))

    inputs = [mx.ones((3, 2)), mx.ones((2, 3))]
    mx.eval(inputs)
    assert edges_of(traced(gradient, *inputs)) == edges_in_mlx(*gradient(*inputs))


def test_a_gpu_has_its_loss_in_one_primitive_and_its_gradient_in_another(monkeypatch):
    monkeypatch.setattr(mx, "default_device", lambda: mx.gpu)  # there is none here; the loss asks for it too

    def gradient(logits: mx.array, targets: mx.array) -> list[mx.array]:
        return list(mx.value_and_grad(lambda x: nn.losses.cross_entropy(x, targets).sum())(logits))

    primitives = traced(gradient, mx.zeros((2, 5, 7), mx.bfloat16), mx.zeros((2, 5), mx.int32))
    assert primitives[0].inputs == primitives[-1].inputs[:2] == (0, 1)
    assert primitives[-1].inputs[2:] == primitives[-2].outputs
    assert [each.name for each in primitives] == [
        "CrossEntropy", "AsType", "Reduce", "Squeeze", "AsType", "ExpandDims", "Broadcast", "AsType", "CrossEntropyVJP",
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", [(0,), (0, 1, 2), (1, 2)])
def test_a_primitive_may_make_several_gradients(wanted):
    """As on CUDA the attention's does. Split stands for the attention, for it has two outputs on any device."""

    def attention(q: mx.array, k: mx.array, v: mx.array) -> mx.array:
        value = mx.split(mx.stop_gradient(q), 2)[0]
        shapes = [(each.shape, each.dtype) for each in (q, k, v)]
        for x, gradient in zip((q, k, v), promised("ScaledDotProductAttentionVJP", shapes, value), strict=True):
            value = value + gradient_path(x, gradient, value.shape, value.dtype)
        return value

    def gradients(q: mx.array, k: mx.array, v: mx.array, cotangent: mx.array) -> list[mx.array]:
        loss, found = mx.value_and_grad(lambda *arrays: (attention(*arrays) * cotangent).sum(), wanted)(q, k, v)
        return [loss, *listed(found)]

    recorder = Recorder()
    mx.export_function(recorder, gradients, mx.zeros((4, 2)), mx.zeros((5,)), mx.zeros((6,)), mx.zeros((2, 2)))
    primitives, outputs = kept(recorder.primitives, recorder.outputs, recorder.constants)
    *_, last = primitives
    (split,) = [each for each in primitives if each.name == "Split"]
    assert last.name == "ScaledDotProductAttentionVJP"
    assert last.inputs[:-1] == (0, *split.outputs)
    assert recorder.shapes[last.inputs[-1]] == (2, 2)
    assert [recorder.shapes[array] for array in last.outputs] == [(4, 2), (5,), (6,)]
    assert outputs[1:] == tuple(last.outputs[each] for each in wanted)
    assert [each.name for each in primitives if each.name in ("Reduce", "Add", "Depends")] == ["Reduce"]  # the loss


def test_keys_are_drawn_as_mlx_draws_them():
    mx.random.seed(5)
    expected = [mx.random.bernoulli(0.5, (64,)).tolist() for _ in range(3)]
    after = mx.random.state[0].tolist()
    keys = Keys(mx.random.key(5))
    original = mx.random.bernoulli
    with keys.in_use():
        drawn = [mx.random.bernoulli(0.5, (64,)).tolist() for _ in range(2)]
        with keys.moved_to(0):
            assert mx.random.bernoulli(0.5, (64,)).tolist() == expected[0]
        drawn.append(mx.random.bernoulli(0.5, (64,)).tolist())
    assert drawn == expected
    assert keys.state.tolist() == after
    assert mx.random.bernoulli is original


def test_second_passes_draw_in_the_order_in_which_mlx_runs_them():
    ran: list[int] = []

    def checkpointed(number: int) -> Callable[[mx.array], mx.array]:
        def noted(x: mx.array) -> mx.array:
            ran.append(number)
            return mx.exp(x)

        return mx.checkpoint(noted)

    mx.grad(lambda x: checkpointed(2)(checkpointed(1)(checkpointed(0)(x))))(mx.array(1.0))
    assert ran == [0, 1, 2, 2, 1, 0]

    rehearsal = Rehearsal(Keys(mx.random.key(0)))
    for draws in (1, 2, 3):
        rehearsal(lambda draws=draws: [rehearsal.keys.draw() for _ in range(draws)])()
    rehearsal.keys.draw()
    assert rehearsal.draws == [1, 2, 3]
    assert rehearsal.second_passes() == [7 + 3 + 2, 7 + 3, 7]
