"""A training whose memory is asked for, and what of it decides the graph that MLX builds."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.data.lengths import Lengths
from app.memory.family import Point
from app.models.facts import ModelFacts
from app.wire.files import read_json
from app.wire.tape import TraceRequest

_DECISIVE = ("fine_tune_type", "num_layers", "optimizer", "optimizer_config", "lr_schedule", "grad_checkpoint")
_PLACES = 3
"""From the third micro-batch of an accumulation on, the steps are the same."""
_ITERS = 1000
"""mlx-lm's default."""
_PER_TOKEN = 36
"""Bytes of a tokenized row, for each token: a Python integer and its place in a list (measured on CPython 3.11)."""


@dataclass(frozen=True)
class Widths:
    """Of a model's own arrays: entries of its vocabulary, and values between the halves of its MLP."""

    vocabulary: int | None = None
    intermediate: int | None = None


@dataclass(frozen=True)
class Job:
    """`folder` holds at least the model's config.json; with `has_weights` its tensors' types are read there too."""

    folder: Path
    has_weights: bool
    model_config: Mapping[str, Any]
    config: Mapping[str, Any]
    """Native, as it trains."""
    point: Point
    trusts_remote_code: bool = False
    model_identity: str = field(default="")
    validation: Point | None = None
    """Of the validation set's widest batch; None where it is no other or not known."""

    @property
    def wider_validation(self) -> Point | None:
        """The point of validating where that is wider than training; a narrower one never peaks."""
        return self.validation if self.validation and self.validation.width > self.point.width else None

    @property
    def updates(self) -> int:
        """How often the weights change in the whole training."""
        return int(self.config.get("iters", _ITERS)) // int(self.config.get("grad_accumulation_steps") or 1)

    @property
    def widths(self) -> Widths:
        """Of the model's own arrays, as its config.json has them."""
        text = self.model_config.get("text_config")
        values = text if isinstance(text, dict) else self.model_config
        return Widths(_whole(values.get("vocab_size")), _whole(values.get("intermediate_size")))

    def request(self, point: Point) -> TraceRequest:
        """The trace of this training at another point."""
        folder, model_config = (str(self.folder), None) if self.has_weights else (None, self.model_config)
        return TraceRequest(folder, model_config, self.config, point.batch, point.width, self.trusts_remote_code)

    def structure(self, environment: str) -> str:
        """The same for all whose graphs differ in batch and width alone; `environment` is backend and versions."""
        lora = self.config.get("lora_parameters") or {}
        decisive = {
            **{key: self.config.get(key) for key in _DECISIVE},
            "rank": lora.get("rank"),
            "keys": lora.get("keys"),
            "dropout": bool(lora.get("dropout")),
            "accumulates": min(self.config.get("grad_accumulation_steps") or 1, _PLACES),
            "single": self.point.batch == 1,
            "model": self.model_identity,
            "has_weights": self.has_weights,
            "environment": environment,
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()[:32]


def job_of(facts: ModelFacts, config: Mapping[str, Any], point: Point, *, trusts_remote_code: bool) -> Job | None:
    """The job for a model on this computer; None when its config.json is not here or is damaged. Reads that file."""
    if facts.folder is None:
        return None
    model_config = read_json(facts.folder / "config.json")
    if not isinstance(model_config, dict):
        return None
    told = [model_config, facts.dtype, facts.weight_bytes, facts.parameters]
    identity = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
    has_weights = bool(facts.tensors) and not facts.missing_files
    return Job(facts.folder, has_weights, model_config, config, point, trusts_remote_code, identity)


def rows_bytes(lengths: Lengths | None) -> int:
    """What the tokenized rows take of the computer's memory beside the training."""
    return sum(each.tokens * _PER_TOKEN for each in ((lengths.train, lengths.valid) if lengths else ()) if each)


def in_four_bits(job: Job) -> Job | None:
    """The same training on the base as `mlx_lm.convert -q` would pack it; None where that is packed, or trained whole.

    Built of config.json alone: a model that brings code of its own cannot be.
    """
    packed = job.model_config.get("quantization") or job.model_config.get("quantization_config")
    if packed or job.config.get("fine_tune_type") == "full":
        return None
    model_config = {**job.model_config, "quantization": {"group_size": 64, "bits": 4}}
    return replace(job, has_weights=False, model_config=model_config, model_identity=f"{job.model_identity}, 4 bits")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
