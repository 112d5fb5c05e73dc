"""The system's clipboard, by the platform's own command or by tmux."""

import os
import subprocess
import sys
from collections.abc import Mapping

_PATIENCE = 2.0
"""Seconds for a command that takes milliseconds; a display server that is gone may keep it waiting."""

LONGEST_SEQUENCE = 100_000
"""Bytes of an OSC 52 sequence at which terminals begin to drop it without a word: hterm's own sender, osc52.sh in
Chromium's libapps, refuses to send that many (`OSC_52_MAX_SEQUENCE`), which leaves some 75 kB of text."""


def copy(text: str) -> str | None:
    """Put a text on the clipboard of the display in front of the person; returns the name of the command that did it.

    None where there is no such command or display, as over ssh: then only the terminal's own OSC 52 may reach it.
    Blocks for at most some seconds. pbcopy was never run on a Mac here, only a stand-in for it.
    """
    content = text.encode(errors="replace")  # lone surrogates have no UTF-8
    return next((command[0] for command in _commands(os.environ) if _feeds(command, content)), None)


def terminal_would_take(text: str) -> bool:
    """Whether the OSC 52 sequence for a text, which a screen writes, is short enough not to be dropped."""
    length = len(text.encode(errors="replace"))
    return len("\x1b]52;c;\x07") + 4 * -(-length // 3) < LONGEST_SEQUENCE


def _commands(environ: Mapping[str, str]) -> list[list[str]]:
    """tmux first: it passes on to the terminal that it is shown in (-w), where an application's own OSC 52 is dropped
    under its default settings (tmux(1), `set-clipboard`)."""
    through_tmux = [["tmux", "load-buffer", "-w", "-"]] if environ.get("TMUX") else []
    return through_tmux + _of_display(environ)


def _of_display(environ: Mapping[str, str]) -> list[list[str]]:
    if sys.platform == "darwin":
        remote = environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")
        return [] if remote else [["pbcopy"]]
    commands = [["wl-copy"]] if environ.get("WAYLAND_DISPLAY") else []
    if environ.get("DISPLAY"):
        commands += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return commands


def _feeds(command: list[str], content: bytes) -> bool:
    """Whether the command took the content. On Linux it leaves a child that serves it, as long as the display lives."""
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.DEVNULL,  # the child would hold a pipe open
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            start_new_session=True,  # the child outlives this terminal
            env={**os.environ, "LC_ALL": "en_US.UTF-8"},  # pbcopy takes its input's encoding from the locale
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
