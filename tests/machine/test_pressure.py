"""Memory pressure: a Mac's sysctl is faked at libc's own border; no test here ran on a Mac."""

import ctypes
import platform

import pytest

from app.machine.pressure import Pressure, pressure

SYSCTL = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.POINTER(ctypes.c_int),
    ctypes.POINTER(ctypes.c_size_t),
    ctypes.c_void_p,
    ctypes.c_size_t,
)  # sysctlbyname(3)


@pytest.fixture
def mac(monkeypatch):
    """Pretends a Mac whose kernel holds this level, or fails with None; called as C would be."""

    def pretend(level):
        def sysctlbyname(name, value, size, new, new_size):
            assert (size[0], new, new_size) == (4, None, 0)
            value[0] = level or 1
            return 0 if level is not None and name == b"kern.memorystatus_vm_pressure_level" else -1

        class Libc:
            def __init__(self, name):
                assert name is None
                self.sysctlbyname = SYSCTL(sysctlbyname)

        monkeypatch.setattr(platform, "system", lambda: "Darwin")
        monkeypatch.setattr(ctypes, "CDLL", Libc)

    return pretend


@pytest.mark.parametrize(
    ("level", "expected"),
    [(1, Pressure.NORMAL), (2, Pressure.WARNING), (4, Pressure.CRITICAL), (3, None), (None, None)],
)
def test_the_kernels_levels_are_activity_monitors_colours(mac, level, expected):
    mac(level)
    assert pressure() is expected


@pytest.mark.skipif(platform.system() == "Darwin", reason="a Mac tells")
def test_elsewhere_it_is_not_known(monkeypatch):
    assert pressure() is None
    monkeypatch.setattr(platform, "system", lambda: "Darwin")  # and a libc without sysctlbyname, which is real here
    assert pressure() is None
