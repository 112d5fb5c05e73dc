"""Predicted against measured peaks of one CUDA GPU: `python -m bench memory_gpu`, a minute, without any GPU.

mlx-lm's own trainer was measured on an H200 with mlx-cuda 0.32.4: bfloat16, AdamW, random weights. What is traced here
is the CPU's graph with stand-ins for the single primitives of CUDA's; an installation with a GPU traces its own graph.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.memory.band import CUDA as BAND
from app.memory.simulator.peak import CPU, CUDA, Peak, peak_bytes
from app.memory.tracing import Tracer
from app.wire.tape import TraceRequest
from bench.row import Row
from bench.shapes import SHAPES

_CHECKPOINT = {"grad_checkpoint": True}


@dataclass(frozen=True)
class _Measured:
    model: str
    batch: int
    tokens: int
    layers: int
    training: Mapping[str, Any]
    least: float
    """GB of 1e9."""
    most: float
    """Of several runs."""

    def __str__(self) -> str:
        words = [f"{key} {value}" for key, value in self.training.items() if key != "lora_parameters"]
        rank = self.training.get("lora_parameters", {}).get("rank", 8)
        kind = [] if "fine_tune_type" in self.training else [f"lora r{rank}"]
        return f"{self.model}, {self.batch} x {self.tokens}, {self.layers} layers, {' '.join(kind + words)}"


_TABLE = (
    _Measured("SmolLM3-3B", 1, 800, 12, _CHECKPOINT | {"grad_accumulation_steps": 16}, 7.23, 7.23),
    _Measured("SmolLM3-3B", 1, 1024, 12, _CHECKPOINT, 7.83, 8.03),
    _Measured("SmolLM3-3B", 1, 1024, 12, {}, 9.56, 9.56),
    _Measured("SmolLM3-3B", 4, 2048, 16, {"lora_parameters": {"rank": 16, "scale": 20.0, "dropout": 0.0}}, 41.2, 41.2),
    _Measured("SmolLM3-3B", 1, 1024, 12, {"fine_tune_type": "full"}, 18.07, 18.07),
    _Measured("Qwen3-0.6B", 4, 2048, 16, _CHECKPOINT, 10.08, 13.04),
    _Measured("Llama-3.2-1B", 2, 1024, 16, {}, 8.97, 8.97),
    _Measured("Mistral-7B 4-bit", 1, 1024, 16, _CHECKPOINT, 6.82, 6.82),
)


def run() -> list[Row]:
    tracer = Tracer()
    try:
        return [_row(measured, tracer) for measured in _TABLE]
    finally:
        tracer.close()


def _row(measured: _Measured, tracer: Tracer) -> Row:
    config = {"optimizer": "adamw", "num_layers": measured.layers, "batch_size": measured.batch, **measured.training}
    request = TraceRequest(None, SHAPES[measured.model], config, measured.batch, measured.tokens + 1)
    as_cpu = peak_bytes(tracer.trace(request), CPU)
    as_gpu = peak_bytes(tracer.trace(replace(request, for_gpu=True)), CUDA)
    low, high = as_gpu.low * BAND[0] / 1e9, as_gpu.high * BAND[1] / 1e9
    inside = "within" if low <= measured.least and measured.most <= high else "OUTSIDE"
    truth = f"{measured.least:.2f}" + (f" to {measured.most:.2f}" if measured.most > measured.least else "")
    detail = f"{truth} GB measured; as the CPU {_told(as_cpu, measured)}, as CUDA {_told(as_gpu, measured)}"
    queue = f"queue empty {as_gpu.low / 1e9:.2f}, full {as_gpu.high / 1e9:.2f}"
    return Row(str(measured), inside, f"{detail}; {queue}; band {low:.2f} to {high:.2f}")


def _told(peak: Peak, measured: _Measured) -> str:
    predicted = peak.point / 1e9
    error = predicted / ((measured.least + measured.most) / 2) - 1
    return f"{predicted:.2f} ({error:+.0%})"
