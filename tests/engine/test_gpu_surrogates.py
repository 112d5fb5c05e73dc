"""A trace on the CPU that stands for one on a GPU. Nothing here ran on one."""

from collections import Counter
from dataclasses import replace

import mlx.core as mx
import pytest
from mlx import nn

from app.engine.tracing.tracer import Tracer
from app.memory.simulator.peak import CUDA, peak_bytes
from app.wire.tape import Tape, TraceRequest
from tests.models.architectures import config_of

LORA = {"rank": 4, "scale": 2.0, "dropout": 0.0}


@pytest.fixture(scope="module")
def tracer():
    return Tracer()


def request(model_type="llama", width=129, **config) -> TraceRequest:
    native = {"num_layers": 2, "optimizer": "adamw", "lora_parameters": LORA, **config}
    return TraceRequest(None, config_of(model_type), native, 2, width, for_gpu=True)


def update(tracer: Tracer, asked: TraceRequest) -> Tape:
    return next(tape for tape in tracer.trace(asked) if tape.phase == "update")


def counted(tape: Tape) -> Counter:
    return Counter(primitive.name for primitive in tape.primitives)


def test_norms_rope_attention_and_loss_are_single_primitives(tracer):
    """Three layers, of which two are trained; the first of those needs no gradient of what goes into it."""
    found = counted(update(tracer, request()))
    assert (found["RMSNorm"], found["RMSNormVJP"]) == (7, 4)
    assert found["RoPE"] == 2 * 3 + 2 * 2
    assert (found["ScaledDotProductAttention"], found["ScaledDotProductAttentionVJP"]) == (3, 2)
    assert (found["CrossEntropy"], found["CrossEntropyVJP"]) == (1, 1)
    assert not found.keys() & {"Softmax", "LogSumExp", "Rsqrt", "Cos"}


def test_rows_that_cudnn_does_not_take_keep_their_scores(tracer):
    found = counted(update(tracer, request(width=100)))
    assert found["Softmax"] > 0
    assert not found["ScaledDotProductAttention"]


def test_gradients_have_the_shapes_of_what_they_are_of(tracer):
    tape = update(tracer, request("stablelm", fine_tune_type="full", num_layers=3))
    assert counted(tape)["LayerNormVJP"] > 0
    for primitive in tape.primitives:
        if primitive.name in ("LayerNormVJP", "RMSNormVJP"):
            *read, cotangent = primitive.inputs
            made = [tape.shapes[array] for array in primitive.outputs]
            assert made == [tape.shapes[array] for array in read]
            assert tape.shapes[cotangent] == made[0]
        if primitive.name == "ScaledDotProductAttentionVJP":
            q, k, v, output, cotangent = (tape.shapes[array] for array in primitive.inputs)
            assert [tape.shapes[array] for array in primitive.outputs] == [q, k, v]
            assert q == output == cotangent


@pytest.mark.parametrize("config", [
    {}, {"grad_checkpoint": True}, {"fine_tune_type": "full"}, {"grad_accumulation_steps": 2},
])  # fmt: skip
@pytest.mark.parametrize("model_type", ["llama", "gemma2", "stablelm", "mixtral"])
def test_every_primitive_has_a_rule_and_less_is_needed_than_on_the_cpu(tracer, model_type, config):
    asked = request(model_type, **config)
    on_gpu, on_cpu = (peak_bytes(tracer.trace(replace(asked, for_gpu=here)), CUDA) for here in (True, False))
    assert not on_gpu.unknown
    assert on_gpu.low <= on_gpu.point <= on_gpu.high
    assert on_gpu.low < on_cpu.low


def test_nothing_of_it_stays(tracer):
    operations = mx.fast.rms_norm, mx.fast.layer_norm, mx.fast.rope, nn.losses.cross_entropy
    plain = replace(request(), for_gpu=False)
    before = tracer.trace(plain)
    tracer.trace(request())
    assert tracer.trace(plain) == before
    assert operations == (mx.fast.rms_norm, mx.fast.layer_norm, mx.fast.rope, nn.losses.cross_entropy)
    assert "RMSNorm" not in counted(before[-1])
