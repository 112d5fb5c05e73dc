"""The most memory that this process ever held of the computer's."""

import ctypes
import os
import re
import resource
from pathlib import Path

_RUSAGE_INFO_V4 = 4
_UUID_BYTES, _LIFETIME_MAX, _COUNTERS = 16, 28, 35
"""Of `struct rusage_info_v4`: its uuid, then counters of 64 bits, of which `ri_lifetime_max_phys_footprint` is the
29th (xnu, bsd/sys/resource.h)."""


def peak_footprint() -> int:
    """Bytes. On a Mac the physical footprint, with what the GPU holds, as Activity Monitor shows it (never run on one);
    elsewhere the resident set."""
    return _of_mac() or _of_linux() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _of_mac() -> int:
    info = (ctypes.c_uint64 * (_UUID_BYTES // 8 + _COUNTERS))()
    try:
        failed = ctypes.CDLL(None).proc_pid_rusage(os.getpid(), _RUSAGE_INFO_V4, ctypes.byref(info))
    except (OSError, AttributeError):  # another system
        return 0
    return 0 if failed else info[_UUID_BYTES // 8 + _LIFETIME_MAX]


def _of_linux() -> int:
    """Not `getrusage`: its maximum is that of the program before exec too, which is the app."""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return 0
    return int(found.group(1)) * 1024 if found else 0
