"""How what a training needs stands to what there is: pure, and never green before a trace knows the peak.

Three questions, each with its own answer: the GPU's ceiling, the computer's memory, and how pressed it is now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure
from app.machine.state import MachineState
from app.memory.estimate import Estimate, Method

_MOST_KEPT = 1_000_000_000
"""Bytes: what system and trainer need besides the training itself, an eighth of a small machine's memory. Our choice,
and a low one, so that red is certain: Python with mlx-lm alone holds 0.17 GB (measured on Linux), macOS far more."""

_PROCESS = 500_000_000
"""Bytes that the trainer holds beside MLX's arrays: Python with mlx-lm and a tokenizer takes 0.2 to 0.4 GB (measured on
Linux), and MLX's cache of free buffers some more."""
HEADROOM = 0.05
"""Of a limit, that green leaves free at least: our choice."""
_NO_MODEL = "the size of the model is not known"


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
    """Bytes that the training takes: at least, most likely, at most. The last two are None while no peak is known."""

    low: int
    likely: int | None
    high: int | None
    words: str
    is_live: bool = False


def verdicts(
    estimate: Estimate | None, machine: MachineState, live_peak: int | None = None, rows_bytes: int = 0
) -> tuple[Verdict, ...]:
    """On the GPU's ceiling where there is one, on the computer's memory, and on pressure and swap now.

    Red when the likely peak, or while none is known what is certain, is more than there is, or for critical pressure.
    Yellow when the upper bound is, or leaves too little headroom, when others hold what it needs, or for raised
    pressure. Green when the upper bound fits. `live_peak` is MLX's peak, in bytes, of a run that is under way;
    `rows_bytes` is what the tokenized rows take of the computer's memory.
    """
    need = _need(estimate, live_peak)
    gpu = (_gpu(need, machine.ceiling),) if machine.ceiling else ()
    return (*gpu, _ram(need, machine, rows_bytes), _pressure(machine))


def overall(found: Sequence[Verdict]) -> Verdict:
    """The worst, the first of several; what is not known is worse than green and better than yellow."""
    severity = list(Level)
    return max(found, key=lambda verdict: severity.index(verdict.level))


def _need(estimate: Estimate | None, live_peak: int | None) -> _Need | None:
    low = estimate.low_bytes if estimate else 0
    if live_peak is not None and live_peak >= low:
        high = max(live_peak, estimate.high_bytes) if estimate and estimate.high_bytes else None
        return _Need(live_peak, live_peak, high, f"the run has reached {_size(live_peak)}", is_live=True)
    if estimate is None:
        return None
    if estimate.peak_bytes is None:
        named = _listed([part.name for part in estimate.parts])
        return _Need(low, None, None, f"needs at least {_size(low)} for {named}", is_live=live_peak is not None)
    if estimate.method is Method.NEIGHBOUR:
        words = f"needs at least {_size(low)}, likely about {_size(estimate.peak_bytes)}"
        return _Need(low, None, None, words, is_live=live_peak is not None)
    likely, high = estimate.peak_bytes, estimate.high_bytes
    words = f"needs {_size(likely)}, at most {_size(high or likely)}"
    return _Need(low, likely, high, words, is_live=live_peak is not None)


def _gpu(need: _Need | None, ceiling: GpuCeiling) -> Verdict:
    who = "Metal gives the GPU" if ceiling.source is CeilingSource.METAL else "the GPU has"
    there = f"{who} {_size(ceiling.bytes)}"
    return _against("GPU memory", need, ceiling.bytes, there)


def _ram(need: _Need | None, machine: MachineState, rows_bytes: int) -> Verdict:
    """Never red for what others hold: they can be closed, and a Mac's `available` leaves out what caches would give."""
    memory = machine.memory
    now = f"{_size(memory.available)} of {_size(memory.total)} are available now"
    if machine.ceiling and machine.ceiling.source is CeilingSource.CUDA:
        return _beside_a_card(machine, rows_bytes, is_live=need is not None and need.is_live)
    kept = _kept(memory)
    has = f"this machine has {_size(memory.total)}, of which the system keeps at least {_size(kept)}"
    has += f" and the tokenized rows {_size(rows_bytes)}" if rows_bytes else ""
    found = _against("memory", need, memory.total - kept - rows_bytes, has)
    if need is None:
        return Verdict(found.level, "memory", f"{_NO_MODEL}; {now}")
    if found.level in (Level.RED, Level.YELLOW):
        return found
    level: Level = found.level
    missing = (need.high or need.low) + _PROCESS + rows_bytes - memory.available
    if missing > 0 and not need.is_live:
        level = Level.YELLOW if level is Level.GREEN else level
        now += f", so others may have to give up {_size(missing)}"
    return Verdict(level, "memory", f"{need.words}; {now}")


def _beside_a_card(machine: MachineState, rows_bytes: int, *, is_live: bool) -> Verdict:
    """The rows alone lie in the computer's memory, with the trainer's process."""
    memory = machine.memory
    words = f"the training lies in the GPU's own memory; {_size(memory.available)} of {_size(memory.total)}"
    words += " are available now"
    missing = _PROCESS + rows_bytes - memory.available
    if missing <= 0 or is_live:
        return Verdict(Level.GREEN, "memory", words)
    return Verdict(Level.YELLOW, "memory", f"{words}, so others may have to give up {_size(missing)}")


def _pressure(machine: MachineState) -> Verdict:
    swap = machine.memory.swap_used
    swapped = f"{_size(swap)} of swap in use" if swap else "no swap in use"
    match machine.pressure:
        case Pressure.CRITICAL:
            level, words = Level.RED, f"memory pressure is critical now, {swapped}: close other programs"
        case Pressure.WARNING:
            level, words = Level.YELLOW, f"memory pressure is raised now, {swapped}: close other programs"
        case Pressure.NORMAL:
            level, words = Level.GREEN, f"memory pressure is normal now, {swapped}"
        case None:
            level, words = Level.GREEN, f"{swapped}; this system tells no memory pressure"
    return Verdict(level, "pressure and swap", words)


def _against(subject: str, need: _Need | None, limit: int, there: str) -> Verdict:
    if need is None:
        return Verdict(Level.UNKNOWN, subject, f"{_NO_MODEL}; {there}")
    least = need.low if need.likely is None else need.likely
    if least > limit:
        return Verdict(Level.RED, subject, f"{need.words}; {there}: {_size(least - limit)} too little")
    if need.high is None:
        return Verdict(Level.UNKNOWN, subject, f"{need.words}; {there}")
    if need.high > limit:
        words = f"{need.words}; {there}: {_size(need.high - limit)} too little at worst"
        return Verdict(Level.YELLOW, subject, words)
    if need.high > limit * (1 - HEADROOM):
        words = f"{need.words}; {there}: at worst only {_size(limit - need.high)} are left"
        return Verdict(Level.YELLOW, subject, words)
    return Verdict(Level.GREEN, subject, f"{need.words}; {there}: {_size(limit - need.high)} are left at worst")


def _kept(memory: SystemMemory) -> int:
    return min(_MOST_KEPT, memory.total // 8)


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _size(count: int) -> str:
    """GB of 1e9, as mlx-lm reports; below a tenth of one MB, rounded up, so that an excess is never 0."""
    return f"{count / 1e9:.1f} GB" if count >= 10**8 else f"{-(-count // 10**6)} MB"
