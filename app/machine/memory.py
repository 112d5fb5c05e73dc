"""Memory of this computer and of a process, in bytes."""

import platform
import subprocess
from dataclasses import dataclass

import psutil

_PRESSURE = {1: "normal", 2: "warning", 4: "critical"}
"""Levels of `kern.memorystatus_vm_pressure_level` (xnu's sys/event.h, NOTE_MEMORYSTATUS_PRESSURE_*)."""


@dataclass(frozen=True)
class SystemMemory:
    """What the computer has and uses, in bytes."""

    total: int
    available: int
    used: int
    swap_used: int


def system_memory() -> SystemMemory:
    """The computer's memory now."""
    memory = psutil.virtual_memory()
    return SystemMemory(memory.total, memory.available, memory.used, psutil.swap_memory().used)


def process_memory(pid: int) -> int | None:
    """Resident bytes of a process and its children; None when it is gone."""
    try:
        process = psutil.Process(pid)
        return sum(_resident(each) for each in [process, *process.children(recursive=True)])
    except psutil.Error:
        return None


def memory_pressure() -> str | None:
    """macOS's memory pressure, as Activity Monitor colours it: normal, warning or critical; None elsewhere.

    Written from Apple's headers and never run on a Mac.
    """
    if platform.system() != "Darwin":
        return None
    command = ["sysctl", "-n", "kern.memorystatus_vm_pressure_level"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=2, check=True).stdout
        return _PRESSURE.get(int(answer))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0
