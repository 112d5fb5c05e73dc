"""How what a training needs stands to what there is: pure, and never green before a trace knows the peak."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.state import MachineState
from app.memory.estimate import Estimate

_MOST_KEPT = 1_000_000_000
"""Bytes: what system and trainer need besides the training itself, an eighth of a small machine's memory. Our choice,
and a low one, so that red is certain: Python with mlx-lm alone holds 0.17 GB (measured on Linux), macOS far more."""


class Level(Enum):
    """Each with a symbol and a word, for colour alone must not tell."""

    GREEN = ("✔", "fits")
    UNKNOWN = ("?", "not known yet")
    YELLOW = ("!", "tight")
    RED = ("✗", "too much")

    def __init__(self, symbol: str, word: str):
        self.symbol = symbol
        self.word = word


@dataclass(frozen=True)
class Verdict:
    """`words` say what is needed, what there is, and by how much it is too little."""

    level: Level
    subject: str
    words: str


@dataclass(frozen=True)
class _Need:
    """Bytes that the training certainly takes, and how that is said."""

    bytes: int
    words: str
    is_live: bool = False


def verdicts(estimate: Estimate | None, machine: MachineState, live_peak: int | None = None) -> tuple[Verdict, ...]:
    """On the GPU's ceiling where there is one, on the computer's memory, and on pressure and swap now.

    Red when the bytes that are certain are more than there is, or the pressure is critical; yellow for raised
    pressure; all else is not known yet. `live_peak` is MLX's peak, in bytes, of a run that is under way.
    """
    need = _need(estimate, live_peak)
    gpu = (_gpu(need, machine.ceiling),) if machine.ceiling else ()
    return (*gpu, _ram(need, machine), _pressure(machine))


def overall(found: Sequence[Verdict]) -> Verdict:
    """The worst, the first of several; what is not known is worse than green and better than yellow."""
    severity = list(Level)
    return max(found, key=lambda verdict: severity.index(verdict.level))


def _need(estimate: Estimate | None, live_peak: int | None) -> _Need | None:
    low = estimate.low_bytes if estimate else 0
    if live_peak is not None and live_peak >= low:
        return _Need(live_peak, f"the run has reached {_size(live_peak)}", is_live=True)
    if estimate is None:
        return None
    named = _listed([part.name for part in estimate.parts])
    return _Need(low, f"needs at least {_size(low)} for {named}", is_live=live_peak is not None)


def _gpu(need: _Need | None, ceiling: GpuCeiling) -> Verdict:
    who = "Metal gives the GPU" if ceiling.source is CeilingSource.METAL else "the GPU has"
    there = f"{who} {_size(ceiling.bytes)}"
    return _too_little("GPU memory", need, ceiling.bytes, there) or _not_known("GPU memory", need, there)


def _ram(need: _Need | None, machine: MachineState) -> Verdict:
    """Never red for what others hold: they can be closed, and a Mac's `available` leaves out what caches would give."""
    memory = machine.memory
    now = f"{_size(memory.available)} of {_size(memory.total)} are available now"
    if machine.ceiling and machine.ceiling.source is CeilingSource.CUDA:
        return Verdict(Level.UNKNOWN, "memory", f"the training lies in the GPU's own memory; {now}")
    kept = _kept(memory)
    has = f"this machine has {_size(memory.total)}, of which the system keeps at least {_size(kept)}"
    if need and not need.is_live and need.bytes > memory.available:
        now += f", so others may have to give up {_size(need.bytes - memory.available)}"
    return _too_little("memory", need, memory.total - kept, has) or _not_known("memory", need, now)


def _pressure(machine: MachineState) -> Verdict:
    swap = machine.memory.swap_used
    swapped = f"{_size(swap)} of swap in use" if swap else "no swap in use"
    match machine.pressure:
        case Pressure.CRITICAL:
            level, words = Level.RED, f"memory pressure is critical now, {swapped}: close other programs"
        case Pressure.WARNING:
            level, words = Level.YELLOW, f"memory pressure is raised now, {swapped}: close other programs"
        case Pressure.NORMAL:
            level, words = Level.UNKNOWN, f"memory pressure is normal now, {swapped}"
        case None:
            level, words = Level.UNKNOWN, f"{swapped}; this system tells no memory pressure"
    return Verdict(level, "pressure and swap", words)


def _too_little(subject: str, need: _Need | None, limit: int, there: str) -> Verdict | None:
    if need is None or need.bytes <= limit:
        return None
    return Verdict(Level.RED, subject, f"{need.words}; {there}: {_size(need.bytes - limit)} too little")


def _not_known(subject: str, need: _Need | None, there: str) -> Verdict:
    return Verdict(Level.UNKNOWN, subject, f"{need.words if need else 'the size of the model is not known'}; {there}")


def _kept(memory: SystemMemory) -> int:
    return min(_MOST_KEPT, memory.total // 8)


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _size(count: int) -> str:
    """GB of 1e9, as mlx-lm reports; below a tenth of one MB, rounded up, so that an excess is never 0."""
    return f"{count / 1e9:.1f} GB" if count >= 10**8 else f"{-(-count // 10**6)} MB"
