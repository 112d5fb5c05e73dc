"""This computer's memory at one moment."""

from dataclasses import dataclass

from app.machine.gpu import CeilingSource, GpuCeiling
from app.machine.memory import SystemMemory, system_memory
from app.machine.pressure import Pressure, pressure
from app.machine.processes import ProcessMemory, largest_processes


@dataclass(frozen=True)
class MachineState:
    """Values as they were read: no two looks are alike, so whoever shows them rounds first."""

    memory: SystemMemory
    pressure: Pressure | None
    """None where the system does not tell."""
    processes: tuple[ProcessMemory, ...]
    """The largest other programs."""
    ceiling: GpuCeiling | None
    """None where MLX computes on the processor, or as long as it has not been asked."""


def usable_memory(machine: MachineState) -> int:
    """Bytes that a training can have at most: a card's own where there is one, else the computer's."""
    ceiling = machine.ceiling
    return ceiling.bytes if ceiling and ceiling.source is CeilingSource.CUDA else machine.memory.total


def look(ceiling: GpuCeiling | None, apart_from: frozenset[int] = frozenset(), count: int = 5) -> MachineState:
    """One look, some milliseconds long. The ceiling is asked once and brought along: an engine process tells it.

    `apart_from` are processes that are not others, as a trainer; `count` is how many others are listed.
    """
    return MachineState(system_memory(), pressure(), largest_processes(count, apart_from), ceiling)
