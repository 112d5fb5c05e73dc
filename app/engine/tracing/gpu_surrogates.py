"""Single primitives of a GPU, in a trace on the CPU: the CPU's backend builds norms, RoPE, loss and attention of many.

They are promised with the shapes that CUDA's have. So a table measured on a GPU can be held against a trace made here;
an installation with a GPU traces its own.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import mlx.core as mx
from mlx import nn

from app.engine.tracing.promises import gradient_path, promised
from app.engine.tracing.replacing import replaced

_TILE = 128
"""Tokens by whose multiples cuDNN's attention is used (mlx/backend/cuda/scaled_dot_product_attention.cpp)."""


@contextlib.contextmanager
def as_on_a_gpu() -> Iterator[None]:
    """Replace the operations for the time of a trace."""
    stand_ins: dict[tuple[Any, str], Callable[..., mx.array]] = {
        (mx.fast, "rms_norm"): _rms_norm,
        (mx.fast, "layer_norm"): _layer_norm,
        (mx.fast, "rope"): _rope,
        (mx.fast, "scaled_dot_product_attention"): _attention(mx.fast.scaled_dot_product_attention),
        (nn.losses, "cross_entropy"): _cross_entropy,
    }
    with replaced(stand_ins):
        yield


def _rms_norm(x: mx.array, weight: mx.array | None, eps: float, *, stream: Any = None) -> mx.array:
    return _norm("RMSNorm", x, weight)


def _layer_norm(
    x: mx.array, weight: mx.array | None, bias: mx.array | None, eps: float, *, stream: Any = None
) -> mx.array:
    return _norm("LayerNorm", x, weight, bias)


def _norm(kind: str, x: mx.array, *parameters: mx.array | None) -> mx.array:
    inputs = [x, *(each for each in parameters if each is not None)]
    dtype = inputs[0].dtype
    for each in inputs[1:]:
        dtype = mx.result_type(mx.array(0, dtype), each)
    (value,) = promised(kind, [(x.shape, dtype)], *inputs)
    gradients = promised(f"{kind}VJP", [(each.shape, each.dtype) for each in inputs], *inputs)
    for each, gradient in zip(inputs, gradients, strict=True):
        value = value + gradient_path(each, gradient, x.shape, dtype)
    return value


def _rope(a: mx.array, dims: int, *, offset: int | mx.array = 0, freqs: mx.array | None = None, **_: Any) -> mx.array:
    others = [mx.array(offset), *([] if freqs is None else [freqs])]
    (value,) = promised("RoPE", [(a.shape, a.dtype)], a, *others)
    (gradient,) = promised("RoPE", [(a.shape, a.dtype)], *others)
    return value + gradient_path(a, gradient, a.shape, a.dtype)


def _attention(original: Callable[..., mx.array]) -> Callable[..., mx.array]:
    def stand_in(q: mx.array, k: mx.array, v: mx.array, **options: Any) -> mx.array:
        if q.shape[-2] % _TILE or options.get("sinks") is not None:
            return original(q, k, v, **options)
        (value,) = promised("ScaledDotProductAttention", [(q.shape, q.dtype)], q, k, v)
        gradients = promised("ScaledDotProductAttentionVJP", [(each.shape, each.dtype) for each in (q, k, v)], value)
        for each, gradient in zip((q, k, v), gradients, strict=True):
            value = value + gradient_path(each, gradient, q.shape, q.dtype)
        return value

    return stand_in


def _cross_entropy(logits: mx.array, targets: mx.array, **_: Any) -> mx.array:
    """As `nn.losses.cross_entropy` calls the primitive where the device is a GPU."""
    (value,) = promised("CrossEntropy", [(targets.shape, mx.float32)], logits, targets)
    (gradient,) = promised("CrossEntropyVJP", [(logits.shape, logits.dtype)], logits, targets)
    return (value + gradient_path(logits, gradient, targets.shape, mx.float32)).astype(logits.dtype)
