"""Whether Linux killed processes for want of memory."""

import re
from pathlib import Path

_VMSTAT = Path("/proc/vmstat")


def oom_kills() -> int | None:
    """How many processes the kernel has killed since the computer started, those of containers included.

    None where that is not told: on a Mac, and on Linux before 4.13 (Documentation/filesystems/proc.rst).
    """
    try:
        found = re.search(r"^oom_kill (\d+)$", _VMSTAT.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None
