"""Out of memory: what MLX says on Metal and CUDA, what the kernel does, and how MLX's CPU backend dies of it.

Texts as MLX 0.32 writes them (mlx/backend/metal/{allocator,device}.cpp, mlx/backend/cuda/{allocator,utils}.cpp), and
as people met them: mlx-lm#236 and mlx-examples#481 (Metal's abort in training), mlx#2821 (CUDA).
"""

import re
import signal

from app.runs.crash.cause import Cause, Proposal
from app.runs.crash.evidence import Evidence
from app.runs.crash.smaller_steps import FIT, smaller_steps
from app.runs.wording import size
from app.wire.probe import refused_bytes, tells_of_memory

CODE = "out_of_memory"
_METAL = re.compile(r"\[METAL\].*(Insufficient Memory|OutOfMemory)|\[metal::malloc\] Attempting", re.IGNORECASE)
_CUDA = re.compile(r"\bcu\w*\(?.*out of memory|cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY", re.IGNORECASE)
_LARGEST_BUFFER = re.compile(r"greater than the maximum allowed buffer size of (\d+) bytes")
_PYTHON = re.compile(r"^(\w+\.)*MemoryError\b", re.MULTILINE)
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT)


def recognise(evidence: Evidence) -> Cause | None:
    title, why = _told(evidence) or _killed(evidence) or _crashed(evidence) or ("", "")
    return Cause(CODE, title, why, (*smaller_steps(evidence), FIT, *_others(evidence))) if title else None


def _told(evidence: Evidence) -> tuple[str, str] | None:
    words = evidence.last_words
    if largest := _LARGEST_BUFFER.search(words):
        return (
            "A single array was larger than the GPU takes",
            f"One array of a step needed {size(refused_bytes(words))}, and Metal gives at most "
            f"{size(int(largest.group(1)))} in one piece.",
        )
    if _METAL.search(words):
        return "The GPU ran out of memory", "The step needed more than the memory that macOS lends to Metal."
    if _CUDA.search(words):
        return "The GPU ran out of memory", "The step needed more memory than the card had left."
    if tells_of_memory(words) or _PYTHON.search(words) or "Cannot allocate memory" in words:
        refused = refused_bytes(words)
        asked = f" {size(refused)} more" if refused else " more"
        return "The trainer ran out of memory", f"It asked for{asked} and was refused."
    return None


def _killed(evidence: Evidence) -> tuple[str, str] | None:
    """Who is killed cannot say so: what the kernel counted and what the last look saw have to."""
    if evidence.signal != signal.SIGKILL:
        return None
    if evidence.oom_kills:
        return (
            "The kernel killed the trainer because memory ran out (SIGKILL)",
            "The kernel counted a kill for want of memory while it trained.",
        )
    if evidence.memory_was_scarce:
        return (
            "The trainer was killed when hardly any memory was left (SIGKILL)",
            "That is how macOS and Linux end a process to keep the computer alive.",
        )
    return None


def _crashed(evidence: Evidence) -> tuple[str, str] | None:
    """MLX's CPU backend does not ask whether it got memory (mlx/backend/no_gpu/allocator.cpp): it writes to none."""
    if evidence.signal not in _CRASHES:
        return None
    limit = evidence.memory_limit
    if limit is None and not evidence.memory_was_scarce:
        return None
    why = "MLX on a CPU crashes when it is refused memory"
    because = f"and no more than {size(limit)} were allowed (ulimit -v)" if limit else "and hardly any was left"
    return f"The trainer ran out of memory ({signal.Signals(evidence.signal).name})", f"{why}, {because}."


def _others(evidence: Evidence) -> tuple[Proposal, ...]:
    pulse = evidence.pulse
    others = pulse.total - pulse.available - pulse.trainer if pulse else 0
    if pulse is None or others < pulse.total / 4:
        return ()
    return (Proposal(f"Close other programs: together they held {size(others)} at the last look."),)
