"""Stand-ins for operations that make what MLX cannot export."""

import contextlib
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import mlx.core as mx

from app.engine.tracing.promises import gradient_path, promised
from app.engine.tracing.recording import Recorder
from app.engine.tracing.replacing import replaced


@contextlib.contextmanager
def standing_in() -> Iterator[None]:
    """Replace the operations for the time of a trace."""
    stand_ins: dict[tuple[Any, str], Callable[..., mx.array]] = {
        (mx, "gather_mm"): _gather_mm(mx.gather_mm),
        (mx, "contiguous"): _contiguous,
    }
    if mx.default_device() == mx.gpu:  # the CPU has no primitives of these: there they are built of ones that export
        stand_ins[mx.fast, "cross_entropy"] = _cross_entropy
        stand_ins[mx.fast, "scaled_dot_product_attention"] = _attention(mx.fast.scaled_dot_product_attention)
    with replaced(stand_ins):
        yield


def _gather_mm(original: Callable[..., mx.array]) -> Callable[..., mx.array]:
    """With the gradient of `b` for sorted indices, as GatherMM::vjp in MLX's primitives.cpp computes it."""

    def stand_in(
        a: mx.array,
        b: mx.array,
        /,
        lhs_indices: mx.array | None = None,
        rhs_indices: mx.array | None = None,
        *,
        sorted_indices: bool = False,
        stream: Any = None,
    ) -> mx.array:
        if not sorted_indices or lhs_indices is not None or rhs_indices is None:
            return original(a, b, lhs_indices, rhs_indices, sorted_indices=sorted_indices, stream=stream)
        dtype = mx.result_type(a, b)
        a, b = a.astype(dtype), b.astype(dtype)
        value = original(a, mx.stop_gradient(b), None, rhs_indices, sorted_indices=True, stream=stream)
        (*experts, k, n), m, rows = b.shape, a.shape[-2], value.shape[:-1]
        count = prod(experts)
        indices = mx.broadcast_to(rhs_indices.astype(mx.uint32), rows[:-1])
        sizes = mx.put_along_axis(mx.zeros((count,), mx.uint32), indices, mx.array(m, mx.uint32), 0)
        ends = mx.concatenate([mx.array([0], mx.uint32), mx.cumsum(sizes, 0)], 0)
        segments = mx.as_strided(ends, (count, 2), (1, 1), 0)
        (gradient,) = promised("SegmentedMM", [((count, n, k), dtype)], mx.flatten(a, 0, -2), segments)
        weights = mx.reshape(mx.swapaxes(b, -1, -2), (count, n, k))
        path = gradient_path(weights, gradient, (n, prod(rows)), dtype)
        return value + mx.unflatten(mx.swapaxes(path, 0, 1), 0, rows)

    return stand_in


def _contiguous(a: mx.array, allow_col_major: bool = False, *, stream: Any = None) -> mx.array:
    (value,) = promised("Contiguous", [(a.shape, a.dtype)], a)
    return value + a


def _cross_entropy(logits: mx.array, targets: mx.array, *, stream: Any = None) -> mx.array:
    (value,) = promised("CrossEntropy", [(targets.shape, mx.float32)], logits, targets)
    (gradient,) = promised("CrossEntropyVJP", [(logits.shape, logits.dtype)], logits, targets)
    return value + gradient_path(logits, gradient, targets.shape, mx.float32)


def _attention(original: Callable[..., mx.array]) -> Callable[..., mx.array]:
    """With the gradient in one primitive, as ScaledDotProductAttention::vjp in MLX's fast.cpp has it on CUDA."""
    is_one: dict[Any, bool] = {}

    def stand_in(q: mx.array, k: mx.array, v: mx.array, **options: Any) -> mx.array:
        dtype = mx.result_type(mx.result_type(q, k), v)
        inputs = [each.astype(dtype) for each in (q, k, v)]
        shapes = tuple(each.shape for each in inputs)
        key = (shapes, dtype, options["scale"], *(_signature(options.get(name)) for name in ("mask", "sinks")))
        if key not in is_one:
            is_one[key] = _keeps_its_sums(lambda *arrays: original(*arrays, **options), inputs)
        if not is_one[key]:
            return original(q, k, v, **options)
        value = original(*map(mx.stop_gradient, inputs), **options)
        gradients = promised("ScaledDotProductAttentionVJP", [(each.shape, dtype) for each in inputs], value)
        for x, gradient in zip(inputs, gradients, strict=True):
            value = value + gradient_path(x, gradient, value.shape, dtype)
        return value

    return stand_in


def _signature(option: Any) -> Any:
    return (option.shape, option.dtype) if isinstance(option, mx.array) else option


def _keeps_its_sums(attention: Callable[..., mx.array], inputs: list[mx.array]) -> bool:
    """Whether MLX makes this attention one primitive that keeps what its own gradient, one primitive too, will need."""
    recorder = Recorder()
    mx.export_function(recorder, attention, *map(mx.zeros_like, inputs))
    attentions = [each for each in recorder.primitives if each.name == "ScaledDotProductAttention"]
    return any(len(each.outputs) > 1 for each in attentions)
