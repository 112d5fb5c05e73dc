"""Engine processes: how to start one, and how to know whether one still lives."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def engine_command(*arguments: str) -> list[str]:
    """The command line of an engine process; `-P` keeps a stray `app.py` of the working directory out."""
    return [sys.executable, "-P", "-m", "app.engine", *arguments]


def start_talking(
    command: list[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> subprocess.Popen[str]:
    """A process that is asked and answers in lines of text, and ends when its input is closed. Raises OSError."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=folder,
        start_new_session=True,  # Ctrl-C in a terminal is for the app
    )


def identity(pid: int) -> str | None:
    """What tells this process from any other that ever had its pid; None when it is dead or a zombie.

    Compare for equality only. On Linux it is the boot and the kernel's start tick, for psutil's start time is
    derived from the wall clock and moves when that clock is set; elsewhere the kernel's own start time.
    """
    import psutil  # 60 ms that the app's first paint need not wait for

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if _BOOT_ID.exists():
            return f"{_BOOT_ID.read_text().strip()}:{_start_tick(pid)}"
        return repr(process.create_time())
    except (psutil.Error, OSError):
        return None


def is_alive(pid: int, known_identity: str) -> bool:
    """Whether the very process that had this identity still runs: a zombie or a reused pid does not count."""
    return identity(pid) == known_identity


def is_of_this_boot(known_identity: str) -> bool | None:
    """Whether the computer has run through since a process had this identity; None where that cannot be told."""
    if _BOOT_ID.exists():
        boot = known_identity.rpartition(":")[0]
        return boot == _BOOT_ID.read_text().strip() if boot else None
    import psutil

    try:
        return float(known_identity) >= psutil.boot_time()
    except (ValueError, psutil.Error):
        return None


def _start_tick(pid: int) -> str:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return after_name[19]  # field 22, starttime (proc_pid_stat(5)); the state after the name is field 3
