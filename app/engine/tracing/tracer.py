"""From a request to the tapes of the step it asks for."""

import contextlib
import json
from pathlib import Path

from app.engine.arguments import arguments
from app.engine.failures import Failure
from app.engine.tracing.building import Built, build, failing
from app.engine.tracing.gpu_surrogates import as_on_a_gpu
from app.engine.tracing.step import phases, trace
from app.wire.tape import Tape, TraceRequest

_STRUCTURE = (
    "fine_tune_type", "num_layers", "lora_parameters", "optimizer", "optimizer_config", "lr_schedule", "learning_rate",
)  # fmt: skip
"""What of a configuration decides how the model and the optimizer are built."""


class Tracer:
    """Keeps the last model it built: the next request is most often for the same one at another batch or width."""

    def __init__(self) -> None:
        self._key = ""
        self._built: Built | None = None

    def trace(self, request: TraceRequest) -> list[Tape]:
        """Every phase of the step. Raises Failure."""
        if request.batch < 1 or request.width < 2:
            raise Failure(f"width {request.width}, batch {request.batch}: a batch has at least 1 row of 2 tokens.")
        args = arguments(dict(request.config) | {"train": True, "resume_adapter_file": None})
        built, self._built = self._built, None  # what a trace fails with is not used again
        if built is None or self._key != _key(request):
            self._key, built = _key(request), build(request, args)
        tapes = []
        for phase in phases(args.grad_accumulation_steps, args.grad_checkpoint):
            on_a_gpu = as_on_a_gpu() if request.for_gpu else contextlib.nullcontext()
            with failing(f"model: a step of {built.name} cannot be traced"), on_a_gpu:
                tapes.append(trace(built, phase, request.batch, request.width))
        self._built = built
        return tapes


def _key(request: TraceRequest) -> str:
    files = []
    if request.model is not None:
        files = [(file.name, file.stat().st_mtime_ns) for file in sorted(Path(request.model).glob("*"))]
    structure = {key: request.config.get(key) for key in _STRUCTURE}
    return json.dumps(
        [request.model, request.model_config, request.trusts_remote_code, structure, files], sort_keys=True, default=str
    )
