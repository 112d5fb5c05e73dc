"""Whether the computer's memory is about to run out, whoever holds it."""

from enum import IntEnum

from app.machine.memory import SystemMemory
from app.machine.pressure import Pressure

NEAR_SHARE, OUT_SHARE = 0.08, 0.04
"""Shares of the memory still available on Linux, which begins to kill at about 1 %; a step may take some percent."""


class Shortage(IntEnum):
    NONE = 0
    NEAR = 1
    """Time to say so."""
    OUT = 2
    """The next allocation may freeze the computer or end a process."""


def shortage(memory: SystemMemory, pressure: Pressure | None) -> Shortage:
    """By the pressure where the system tells it, as a Mac does: what is available there is no measure."""
    if pressure is not None:
        return {Pressure.NORMAL: Shortage.NONE, Pressure.WARNING: Shortage.NEAR}.get(pressure, Shortage.OUT)
    free = memory.available / memory.total
    return Shortage.OUT if free < OUT_SHARE else Shortage.NEAR if free < NEAR_SHARE else Shortage.NONE
