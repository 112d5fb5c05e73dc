"""Small trainings to be traced, and the one tracer for all tests of a session.

Import the fixture by name: `from tests.memory.jobs import tracer  # noqa: F401`.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.memory.estimating import Traced, estimate
from app.memory.family import Point
from app.memory.job import Job
from app.memory.simulator.peak import Queue, peak_bytes
from app.memory.simulator.run_ahead import CpuRunAhead
from app.memory.tracing import Tracer

ONE = Queue((partial(CpuRunAhead, 0),))
"""A single state, so that a peak has no neighbours."""

MODEL = {
    "hidden_size": 96, "num_hidden_layers": 3, "intermediate_size": 160, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 24, "rms_norm_eps": 1e-6, "vocab_size": 448,
    "max_position_embeddings": 4096, "rope_theta": 10000.0, "tie_word_embeddings": True, "torch_dtype": "float32",
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "gemma3_text": {"sliding_window": 64, "sliding_window_pattern": 2},
    "mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
}
CONFIG = {
    "fine_tune_type": "lora",
    "num_layers": 2,
    "optimizer": "adamw",
    "learning_rate": 1e-5,
    "grad_checkpoint": False,
    "grad_accumulation_steps": 1,
}


@pytest.fixture(scope="session")
def tracer() -> Iterator[Tracer]:
    tracer = Tracer()
    yield tracer
    tracer.close()


def job(
    model_type: str = "llama", batch: int = 1, width: int = 161, *, rank: int = 8, model: Any = None, **config: Any
) -> Job:
    """A training of a model of which there is a config.json alone; `model` are entries of that."""
    model_config = {"model_type": model_type, **MODEL, **OWN.get(model_type, {}), **(model or {})}
    lora = {"rank": rank, "dropout": 0.0, "scale": 20.0}
    native = {**CONFIG, "lora_parameters": lora, **config}
    return Job(Path("nowhere"), False, model_config, native, Point(batch, width), model_identity=repr(model_config))


def traced(job: Job, tracer: Tracer, **options: Any) -> Traced:
    """The last that is learned."""
    return list(estimate(job, "its structure", tracer, **options))[-1]


def replayed(job: Job, tracer: Tracer, point: Point, queue: Queue = ONE) -> int:
    """The peak of a point, in bytes, from a trace of that very point."""
    return peak_bytes(tracer.trace(job.request(point)), queue).point
