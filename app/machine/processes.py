"""What other programs hold of this computer's memory."""

import os
import platform
from dataclasses import dataclass

from app.machine.memory import resident

_LEAST = 10_000_000
"""Resident bytes below which a process is passed over: nobody would feel it gone, and most of a look is saved."""


@dataclass(frozen=True)
class ProcessMemory:
    """A program with all its processes. `name` is as the system tells it, not made safe to print."""

    pid: int
    """Of its largest process."""
    name: str
    resident: int
    """Bytes. What its processes share counts for each of them, so the sum is somewhat too high; what a Mac has
    compressed or swapped out, and what its GPU holds, is not in it."""
    count: int = 1
    """Processes added up."""


def largest_processes(count: int, apart_from: frozenset[int] = frozenset()) -> tuple[ProcessMemory, ...]:
    """The `count` largest other programs, the largest first.

    Processes of one name are added up, for a person closes programs. This process, those of `apart_from`, and the
    descendants of either are left out. So are processes that end meanwhile, and on a Mac those of other users.
    """
    import psutil  # 60 ms that the app's first paint need not wait for

    processes = {process.pid: process for process in psutil.process_iter()}
    ours = apart_from | {os.getpid()}
    programs: dict[str, list[tuple[int, int]]] = {}
    for pid, process in processes.items():
        if (size := resident(process)) >= _LEAST and not _descends(pid, ours, processes):
            programs.setdefault(_program(process), []).append((size, pid))
    added = (_added_up(name, members) for name, members in programs.items() if name)
    return tuple(sorted(added, key=lambda program: program.resident, reverse=True)[:count])


def program_name(executable: str) -> str:
    """What a person on a Mac would close: the outermost `.app` of a path, else the file's name."""
    parts = executable.split("/")
    application = next((part.removesuffix(".app") for part in parts[:-1] if part.endswith(".app")), None)
    return application or parts[-1]


def _added_up(name: str, members: list[tuple[int, int]]) -> ProcessMemory:
    return ProcessMemory(max(members)[1], name, sum(size for size, _ in members), len(members))


def _descends(pid: int, ours: frozenset[int], processes: dict) -> bool:
    """Whether a process is one of ours or has one of them above it."""
    import psutil

    seen: set[int] = set()  # a pid taken anew during the look could close a circle
    while pid in processes and pid not in seen:
        if pid in ours:
            return True
        seen.add(pid)
        try:
            pid = processes[pid].ppid()
        except (psutil.Error, OSError):
            return False
    return False


def _program(process) -> str:
    """The program's name; empty when the process has gone."""
    import psutil

    try:
        # Never run on a Mac: a browser there is one `.app` with helpers of several names, cut to 16 letters.
        on_a_mac = platform.system() == "Darwin"
        return (program_name(process.exe()) if on_a_mac else "") or process.name()
    except (psutil.Error, OSError):
        return ""
