"""Measure a training: mlx-lm's own, for a few iterations on the widest batch of its data, leaving nothing behind."""

import os
import resource
import sys
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.engine.failures import Failure, reason
from app.engine.probe_line import ProbeLine
from app.wire.probe import (
    Measured,
    Message,
    OutOfMemory,
    ProbeRequest,
    Problem,
    decode_request,
    refused_bytes,
    tells_of_memory,
)

_OOM_SCORE = Path("/proc/self/oom_score_adj")


def measure_and_tell() -> int:
    """Answer the one request on standard input, telling progress. 0 when it was measured.

    Ends at once when standard input is closed: then nobody is left to read the answer.
    """
    _die_cheaply()
    try:
        request = decode_request(sys.stdin.buffer.readline())
    except (ValueError, TypeError) as error:
        print(f"no request of a probe on standard input: {error}", file=sys.stderr)
        return 2
    os.environ["HF_HUB_OFFLINE"] = "1"  # asked for in passing, a probe must not begin to download gigabytes
    tempfile.tempdir = request.scratch  # Python's temporary files alone: MLX keeps its compiled kernels elsewhere
    line = ProbeLine(request.scratch)
    answer = _answer(request, line)
    line.tell(answer)
    return 0 if isinstance(answer, Measured) else 1


def _die_cheaply() -> None:
    """If the kernel must kill somebody, then this process, and without gigabytes of core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        _OOM_SCORE.write_text("1000")  # proc_pid_oom_score_adj(5); a Mac has no such thing


def _answer(request: ProbeRequest, line: ProbeLine) -> Message:
    try:
        return _measure(request, line)
    except Exception as error:
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and tells_of_memory(words)):
            return OutOfMemory(line.reached(refused_bytes(words)), words)
        return Problem(reason(error))


def _measure(request: ProbeRequest, line: ProbeLine) -> Measured:
    line.phase("load", "mlx-lm")
    import mlx.core as mx
    import numpy as np

    from app.engine.adapting import adapt, build_optimizer
    from app.engine.arguments import arguments
    from app.engine.loading import load_model
    from app.engine.probe_batches import find_batches
    from app.engine.probe_training import train_few

    line.meter = lambda: max(mx.get_peak_memory(), mx.get_active_memory())
    args = arguments(request.config)
    if not args.train:
        raise Failure("train: a probe measures a training, and this configuration only tests: set train to true.")
    _check_here(args)
    np.random.seed(args.seed)
    model, tokenizer = load_model(args, line.phase)
    batches = find_batches(args, tokenizer, request.width, line.phase)
    mx.reset_peak_memory()  # where `mlx_lm.lora.train_model` begins
    adapt(model, args)
    seconds, iterations = train_few(model, build_optimizer(args), args, batches, line.phase)
    return _measured(args, batches, seconds, iterations)


def _measured(args: SimpleNamespace, batches: Any, seconds: float, iterations: int) -> Measured:
    import mlx.core as mx

    from app.engine.device import device
    from app.engine.probe_footprint import peak_footprint

    return Measured(
        peak_bytes=mx.get_peak_memory(),
        active_bytes=mx.get_active_memory(),
        footprint_bytes=peak_footprint(),
        seconds_per_update=seconds * args.grad_accumulation_steps,
        batch=args.batch_size,
        width=batches.width,
        iterations=iterations,
        backend=str(device()["backend"]),
        mlx_version=metadata.version("mlx"),
        mlx_lm_version=metadata.version("mlx-lm"),
        made_up=batches.made_up,
    )


def _check_here(args: SimpleNamespace) -> None:
    from huggingface_hub import errors, try_to_load_from_cache

    with suppress(errors.HFValidationError):  # loading says in words what is wrong with the name
        if not Path(args.model).exists() and not isinstance(try_to_load_from_cache(args.model, "config.json"), str):
            raise Failure(f"model: {args.model} is not on this computer yet, and a probe downloads nothing.")
