"""A Mac's memory pressure, as Activity Monitor colours it. Never run on a Mac."""

import platform
from enum import Enum

_NAME = b"kern.memorystatus_vm_pressure_level"


class Pressure(Enum):
    """Activity Monitor's green, yellow and red, by the kernel's numbers (xnu, bsd/sys/event.h)."""

    NORMAL = 1
    WARNING = 2
    CRITICAL = 4


def pressure() -> Pressure | None:
    """The pressure now; None where the system does not tell, as on Linux. Takes microseconds."""
    level = _level() if platform.system() == "Darwin" else None
    return next((each for each in Pressure if each.value == level), None)


def _level() -> int | None:
    import ctypes  # 5 ms that the app's first paint need not wait for; a `sysctl` process a second would cost more

    level = ctypes.c_int()
    size = ctypes.c_size_t(ctypes.sizeof(level))
    try:
        failed = ctypes.CDLL(None).sysctlbyname(
            _NAME, ctypes.byref(level), ctypes.byref(size), None, ctypes.c_size_t(0)
        )
    except (OSError, AttributeError):
        return None
    return None if failed else level.value
