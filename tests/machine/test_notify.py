"""Notifications of the desktop, by stand-ins for the commands that show them."""

import json
import sys
import time

import psutil
import pytest

from app.machine import notify as module
from app.machine.notify import notify

HOSTILE = '--urgency=critical "; $(touch owned) \x1b[31m\n" with title "x'


@pytest.fixture
def bin_folder(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def stand_in(folder, name, script="import json, os, sys; json.dump(sys.argv[1:], open(os.environ['TOLD'], 'w'))"):
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def told(tmp_path, monkeypatch):
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    return lambda: json.loads((tmp_path / "told").read_text())


def test_linux_gets_the_text_as_one_argument_behind_the_options(bin_folder, told, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    stand_in(bin_folder, "notify-send")
    notify(HOSTILE)
    assert told() == ["--app-name=Tunedeck", "--", "Tunedeck", HOSTILE]


def test_a_mac_gets_it_as_an_argument_of_a_script_that_is_always_the_same(bin_folder, told, monkeypatch):
    """No Mac has run this: what osascript is given is all that is looked at."""
    monkeypatch.setattr(sys, "platform", "darwin")
    stand_in(bin_folder, "osascript")
    notify(HOSTILE)
    *script, text = told()
    assert text == HOSTILE and script[::2] == ["-e"] * 3
    assert script[1::2] == ["on run argv", 'display notification (item 1 of argv) with title "Tunedeck"', "end run"]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_the_command_nothing_happens(bin_folder, monkeypatch, platform):
    monkeypatch.setenv("PATH", str(bin_folder))
    monkeypatch.setattr(sys, "platform", platform)
    notify("done")


def test_a_command_that_fails_or_speaks_is_not_heard(bin_folder, monkeypatch, capfd):
    monkeypatch.setattr(sys, "platform", "linux")
    stand_in(bin_folder, "notify-send", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(1)")
    notify("done")
    assert capfd.readouterr() == ("", "")


def test_one_that_hangs_is_ended(bin_folder, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(module, "_PATIENCE", 0.3)
    pid = bin_folder / "pid"
    stand_in(
        bin_folder, "notify-send", f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    begin = time.monotonic()
    notify("done")
    assert time.monotonic() - begin < 5
    assert not pid.exists() or not psutil.pid_exists(int(pid.read_text()))
