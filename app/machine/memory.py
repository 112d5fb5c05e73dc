"""Memory of this computer and of a process, in bytes."""

from dataclasses import dataclass

# psutil is imported where it is used: 60 ms that the app's first paint need not wait for.


@dataclass(frozen=True)
class SystemMemory:
    """What the computer has and uses, in bytes."""

    total: int
    available: int
    """Linux's own estimate; on a Mac free and inactive pages alone, which is too little: caches can go as well."""
    used: int
    swap_used: int
    swap_total: int = 0
    """On a Mac the swap files made so far: the system makes more as it needs them."""


def system_memory() -> SystemMemory:
    """The computer's memory now."""
    import psutil

    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return SystemMemory(memory.total, memory.available, memory.used, swap.used, swap.total)


def process_memory(pid: int, with_children: bool = True) -> int | None:
    """Resident bytes of a process and its children, for which all processes are looked at; None when it is gone."""
    import psutil

    try:
        process = psutil.Process(pid)
        if not with_children:
            return resident(process)
        return sum(resident(each) for each in [process, *process.children(recursive=True)])
    except psutil.Error:
        return None


def resident(process) -> int:
    """Resident bytes of one psutil process; 0 when it is gone, a zombie, or another user's on a Mac."""
    import psutil

    try:
        return process.memory_info().rss
    except (psutil.Error, OSError):
        return 0
