"""Other programs by what they hold: real processes, and psutil's refusals."""

import contextlib
import os
import platform
import subprocess
import sys
import time

import psutil
import pytest

from app.machine.memory import process_memory
from app.machine.processes import largest_processes, program_name


@pytest.fixture
def program(tmp_path):
    """Starts `count` processes of a program of that name, nobody's children, each holding `size` bytes; their pids.

    With `under_shell` the pids are of shells that are small themselves and have them as children.
    """
    started: list[int] = []

    def start(name, size, count=1, under_shell=False):
        executable, script = tmp_path / name, tmp_path / "hold.py"
        if not executable.exists():
            executable.symlink_to(os.path.realpath(sys.executable))
        script.write_text("import sys, time; held = bytearray(int(sys.argv[1])); time.sleep(60)")
        one = f"'{executable}' -I -S '{script}' {size}"
        one = f'sh -c "{one}; true"' if under_shell else one
        shell = f"for i in $(seq {count}); do {one} >/dev/null 2>&1 & echo $!; done"
        pids = list(map(int, subprocess.run(["sh", "-c", shell], capture_output=True, check=True).stdout.split()))
        started.extend(pids)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and any((process_memory(pid) or 0) < size for pid in pids):
            time.sleep(0.02)
        return pids

    yield start
    family = [each for pid in started for each in _family(pid)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=10)


def _family(pid):
    process = psutil.Process(pid)
    return [*process.children(recursive=True), process]


def named(word):
    """A program name that tests running beside this one do not use."""
    return f"{word}-{os.getpid()}"


def found(name, apart_from=frozenset()):
    return next((each for each in largest_processes(1000, apart_from) if each.name == name), None)


def test_processes_of_one_name_are_one_program(program):
    program(named("browser"), 40_000_000, count=2)
    (largest,) = program(named("browser"), 60_000_000)
    one = found(named("browser"))
    assert (one.pid, one.count) == (largest, 3)
    assert 140_000_000 < one.resident < 300_000_000


def test_the_largest_come_first_and_no_more_than_asked(program):
    program(named("largeone"), 400_000_000)
    program(named("smaller"), 60_000_000)
    every = largest_processes(1000)
    assert [each.resident for each in every] == sorted((each.resident for each in every), reverse=True)
    (first,) = largest_processes(1)
    assert first.resident >= 400_000_000
    names = [each.name for each in every]
    assert names.index(named("largeone")) < names.index(named("smaller"))


def test_a_given_process_is_left_out_with_its_descendants(program):
    (pid,) = program(named("trainerlike"), 40_000_000)
    assert found(named("trainerlike")).pid == pid
    assert found(named("trainerlike"), frozenset({pid})) is None
    (shell,) = program(named("enginelike"), 40_000_000, under_shell=True)
    assert found(named("enginelike")).pid != shell
    assert found(named("enginelike"), frozenset({shell})) is None


def test_this_process_is_left_out_with_its_descendants():
    hold = "held = bytearray(10**8); print(flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        assert not {each.pid for each in largest_processes(1000)} & {os.getpid(), child.pid}
    finally:
        child.communicate()


@pytest.mark.parametrize("refused", ["memory_info", "ppid", "name"])
@pytest.mark.parametrize("error", [psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess])
def test_a_process_that_refuses_or_goes_spoils_nothing(program, monkeypatch, refused, error):
    """As root on Linux nothing is refused, so the refusal is put in; another user's process on a Mac gives it."""
    (pid,) = program(named("denied"), 40_000_000)
    program(named("granted"), 40_000_000)
    ask = getattr(psutil.Process, refused)

    def asked(process):
        if process.pid == pid:
            raise error(pid)
        return ask(process)

    monkeypatch.setattr(psutil.Process, refused, asked)
    assert found(named("granted")) is not None
    assert refused == "ppid" or found(named("denied")) is None


def test_a_circle_of_parents_ends(program, monkeypatch):
    program(named("circular"), 40_000_000)
    monkeypatch.setattr(psutil.Process, "ppid", lambda process: process.pid)
    assert found(named("circular")) is not None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/Applications/Safari.app/Contents/MacOS/Safari", "Safari"),
        (
            "/Applications/Google Chrome.app/Contents/Frameworks/Google Chrome Framework.framework/Versions/1/Helpers/"
            "Google Chrome Helper (Renderer).app/Contents/MacOS/Google Chrome Helper (Renderer)",
            "Google Chrome",
        ),
        ("/System/Library/WebKit.framework/XPCServices/com.apple.WebKit.GPU", "com.apple.WebKit.GPU"),
        ("/usr/sbin/mds.app", "mds.app"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_program_on_a_mac_is_its_outermost_application(path, name):
    assert program_name(path) == name


def test_helpers_of_a_mac_application_are_one_program_with_it(program, monkeypatch):
    """A Mac's paths, faked: the system's name and psutil's answer."""
    pids = program(named("Code"), 40_000_000) + program(named("Code Helper"), 40_000_000)
    inside = f"/Applications/{named('Visual Studio Code')}.app/Contents/"
    paths = dict(zip(pids, [f"{inside}MacOS/Electron", f"{inside}Frameworks/Code Helper.app/x"], strict=True))
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(psutil.Process, "exe", lambda process: paths.get(process.pid, ""))
    assert found(named("Visual Studio Code")).count == 2
