"""The app and a bare one in pseudo-terminals, with a home of their own: nothing remembered, nothing left behind."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pexpect

SIZE = (36, 120)


def spawn(arguments: list[str], home: Path) -> pexpect.spawn:
    """Python with these arguments in a terminal of 120x36 cells and true colours."""
    env = os.environ | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "HF_HUB_OFFLINE": "1",
        **{
            name: str(home / name.lower())
            for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HOME")
        },
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed app has its bytecode, as Textual has
    child = pexpect.spawn(sys.executable, arguments, dimensions=SIZE, timeout=30, encoding="utf-8", env=env)
    child.delaybeforesend = None  # 50 ms before every key otherwise, the same for both
    return child


@contextmanager
def terminal(arguments: list[str], home: Path, text: str):
    """The same once it shows `text`, ended afterwards."""
    child = spawn(arguments, home)
    child.expect_exact(text)
    try:
        yield child
    finally:
        child.close(force=True)


def swallow(child: pexpect.spawn) -> None:
    """Reads what has been painted so far."""
    try:
        while child.read_nonblocking(65536, timeout=0.02):
            pass
    except pexpect.TIMEOUT:
        pass
