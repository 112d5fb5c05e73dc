"""The clipboard: by stand-ins for the platforms' commands, started for real."""

import base64
import os
import sys
import time

import pytest

from app.machine.clipboard import LONGEST_SEQUENCE, copy, terminal_would_take

TEXT = "model: ü\n'; $HOME `x`\n"
VARIABLES = ("TMUX", "SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY", "DISPLAY")


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts scripts on PATH that keep what they are given, beside the shell's own tools."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "sleep"):
        (tools / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(tools))

    def install(name, script="", platform="linux", **environ):
        monkeypatch.setattr(sys, "platform", platform)
        for variable, value in environ.items():
            monkeypatch.setenv(variable, value)
        kept = f'printf "%s\\n" "$LC_ALL" "$@" > {tmp_path}/{name}.said; cat > {tmp_path}/{name}.kept'
        (tools / name).write_text(f"#!/bin/sh\n{script or kept}\n")
        (tools / name).chmod(0o755)
        return tmp_path / f"{name}.kept", tmp_path / f"{name}.said"

    return install


def test_a_mac_takes_it_by_pbcopy_in_utf_8(install):
    kept, said = install("pbcopy", platform="darwin")
    assert copy(TEXT) == "pbcopy"
    assert kept.read_bytes() == TEXT.encode() and said.read_text() == "en_US.UTF-8\n"


@pytest.mark.parametrize("variable", ["SSH_CONNECTION", "SSH_TTY"])
def test_over_ssh_a_macs_own_clipboard_is_the_wrong_one(install, variable):
    kept, _ = install("pbcopy", platform="darwin", **{variable: "x"})
    assert copy(TEXT) is None and not kept.exists()


@pytest.mark.parametrize(
    ("name", "variable", "arguments"),
    [
        ("wl-copy", "WAYLAND_DISPLAY", []),
        ("xclip", "DISPLAY", ["-selection", "clipboard"]),
        ("xsel", "DISPLAY", ["--clipboard", "--input"]),
    ],
)
def test_linux_takes_it_by_what_the_display_has(install, name, variable, arguments):
    kept, said = install(name, **{variable: ":0"})
    assert copy(TEXT) == name
    assert kept.read_bytes() == TEXT.encode() and said.read_text().split()[1:] == arguments


def test_without_a_display_or_a_command_nothing_is_started(install, monkeypatch):
    kept, _ = install("xclip")
    assert copy(TEXT) is None and not kept.exists()
    (kept.parent / "tools" / "xclip").unlink()
    monkeypatch.setenv("DISPLAY", ":0")
    assert copy(TEXT) is None


def test_a_command_that_fails_makes_room_for_the_next(install):
    install("wl-copy", "exit 1", WAYLAND_DISPLAY="x")
    install("xclip", "cat > /dev/null; exit 1", DISPLAY=":9")
    kept, _ = install("xsel")
    assert copy("x" * 1_000_000) == "xsel"
    assert kept.stat().st_size == 1_000_000


def test_a_command_that_hangs_is_given_up(install, monkeypatch):
    monkeypatch.setattr("app.machine.clipboard._PATIENCE", 0.2)
    install("xclip", "exec sleep 60", DISPLAY=":0")
    began = time.monotonic()
    assert copy(TEXT) is None
    assert time.monotonic() - began < 5


def test_a_child_that_stays_to_serve_the_text_holds_nobody_up(install):
    install("xclip", "cat > /dev/null; sleep 3 &", DISPLAY=":0")
    began = time.monotonic()
    assert copy(TEXT) == "xclip"
    assert time.monotonic() - began < 2


def test_half_a_character_is_a_question_mark(install):
    kept, _ = install("xclip", DISPLAY=":0")
    assert copy("a\ud800b") == "xclip" and kept.read_bytes() == b"a?b"


def test_inside_tmux_it_is_tmux_that_passes_it_on(install):
    kept, said = install("tmux", TMUX="/tmp/tmux-0/default,1,0")
    assert copy(TEXT) == "tmux"
    assert kept.read_bytes() == TEXT.encode() and said.read_text().split()[1:] == ["load-buffer", "-w", "-"]


def test_a_text_that_terminals_would_drop_is_known():
    longest = next(size for size in range(75_000, 0, -1) if terminal_would_take("x" * size))
    sequence = f"\x1b]52;c;{base64.b64encode(b'x' * longest).decode()}\x07"
    assert LONGEST_SEQUENCE - 4 <= len(sequence) < LONGEST_SEQUENCE


def test_the_environment_of_the_app_stays_as_it_is(install):
    install("pbcopy", platform="darwin")
    before = dict(os.environ)
    copy(TEXT)
    assert dict(os.environ) == before
