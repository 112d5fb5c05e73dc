"""Who lives, who writes, and files that are whole or not there."""

import os
import subprocess
import sys

import pytest

from app.wire.files import read_json, write_json, write_whole
from app.wire.folder_lock import FolderBusy, is_busy, lock_folder
from app.wire.process import engine_command, identity, is_alive


def test_a_zombie_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = identity(child.pid)
    assert known
    assert is_alive(child.pid, known)
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(child.pid, known)
    assert identity(child.pid) is None
    child.wait()
    assert not is_alive(child.pid, known)


def test_two_processes_have_two_identities():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert identity(child.pid) != identity(os.getpid())
        assert not is_alive(os.getpid(), identity(child.pid))
    finally:
        child.stdin.close()
        child.wait()


def test_a_stray_app_in_the_working_directory_is_not_run(tmp_path):
    (tmp_path / "app.py").write_text("raise SystemExit('the stray one was run')")
    done = subprocess.run(engine_command("nothing"), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_a_folder_has_one_holder_until_it_lets_go_or_dies(tmp_path):
    hold = """
import sys
from pathlib import Path
from app.wire.folder_lock import lock_folder
lock_folder(Path(sys.argv[1]))
print(flush=True)
input()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    holder.stdout.readline()
    assert is_busy(tmp_path)
    with pytest.raises(FolderBusy):
        lock_folder(tmp_path)
    holder.kill()
    holder.wait()
    assert not is_busy(tmp_path)
    os.close(lock_folder(tmp_path))
    assert not is_busy(tmp_path / "missing")


def test_a_write_that_fails_leaves_the_former_file(tmp_path, monkeypatch):
    path = tmp_path / "value.json"
    write_json(path, {"a": 1})

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"{}")
    assert read_json(path) == {"a": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["value.json"]


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff"])
def test_what_is_no_object_is_none(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert read_json(tmp_path / "x") is None
    assert read_json(tmp_path / "missing") is None
