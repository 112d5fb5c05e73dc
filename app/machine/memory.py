"""Memory of this computer and of a process, in bytes."""

from dataclasses import dataclass

# psutil is imported where it is used: 60 ms that the app's first paint need not wait for.


@dataclass(frozen=True)
class SystemMemory:
    """What the computer has and uses, in bytes."""

    total: int
    available: int
    used: int
    swap_used: int


def system_memory() -> SystemMemory:
    """The computer's memory now."""
    import psutil

    memory = psutil.virtual_memory()
    return SystemMemory(memory.total, memory.available, memory.used, psutil.swap_memory().used)


def process_memory(pid: int) -> int | None:
    """Resident bytes of a process and its children; None when it is gone."""
    import psutil

    try:
        process = psutil.Process(pid)
        return sum(_resident(each) for each in [process, *process.children(recursive=True)])
    except psutil.Error:
        return None


def _resident(process) -> int:
    import psutil

    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0
