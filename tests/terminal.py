"""A real pseudo-terminal with a program in it, whose screen a test reads and whose keys it presses.

Import the fixtures by name: `from tests.terminal import open_terminal, workplace  # noqa: F401`.
"""

import codecs
import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyte
import pytest

from app.runs.listing import list_runs
from app.runs.recorded import recorded_trainer
from app.wire.process import is_alive
from app.wire.run_folder import RunFolder
from tests.forking import run_forked

CTRL = {letter: chr(ord(letter) & 0x1F) for letter in "abcdefghijklmnopqrstuvwxyz"}
ENTER, ESCAPE, TAB, HOME, END = "\r", "\x1b", "\t", "\x1b[H", "\x1b[F"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
BACKSPACE = "\x7f"

ALTERNATE_SCREEN, CURSOR, FOCUS_REPORTS, BRACKETED_PASTE = 1049, 25, 1004, 2004
MOUSE = (1000, 1002, 1003, 1006, 1015)

_CONTROLLING = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the new session's terminal its controlling one, so that Ctrl-C, SIGHUP and SIGWINCH come."""

_BEYOND_PYTE = re.compile(r"\x1b\[[<>=][\d;]*[A-Za-z]|\x1b\[\?[\d;]*\$p")
"""Keyboard protocol and mode queries, which pyte would print as letters."""
_UNFINISHED = re.compile(r"\x1b(\[[^A-Za-z]*)?\Z")
_KEYBOARD_PUSHED = re.compile(rb"\x1b\[>\d+u")
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")


class Terminal:
    """A Python program (`arguments` of the interpreter) in a terminal of `columns` x `lines` cells."""

    def __init__(self, arguments: list[str], cwd: Path, env: dict[str, str], columns: int = 120, lines: int = 36):
        self._master, self._slave = os.openpty()
        self._set_size(columns, lines)
        self.settings_before = termios.tcgetattr(self._slave)
        self.raw = b""
        """All that the program has written."""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._undrawn = ""
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CONTROLLING, *arguments],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
        self._closing = threading.Event()
        self._drawing = threading.Thread(target=self._draw, daemon=True)
        self._drawing.start()

    # What a person sees

    def text(self) -> str:
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def background(self) -> str:
        """The colour at the end of the title, which every place has."""
        with self._lock:
            return self._screen.buffer[0][self._screen.columns - 1].bg

    def wait_for(self, *texts: str, timeout: float = 20) -> str:
        """The screen once it shows all the texts."""
        return self.wait_until(lambda screen: all(text in screen for text in texts), f"{texts}", timeout)

    def wait_until(self, fits: Callable[[str], bool], what: str, timeout: float = 20) -> str:
        deadline = time.monotonic() + timeout
        while not fits(screen := self.text()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not seen within {timeout} s: {what}\n{screen}")
            time.sleep(0.02)
        return screen

    # What a person does

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def paste(self, text: str) -> None:
        """As a terminal sends a paste, or a file dropped on it, to a program that asked for brackets around it."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def click(self, text: str, beside: str = "") -> None:
        """A press and a release of the left button on a text, once it is there, in a line that holds `beside`, too."""

        def target(screen: str) -> tuple[int, int] | None:
            places = ((line.find(text), y) for y, line in enumerate(screen.split("\n")) if beside in line)
            return next((place for place in places if place[0] >= 0), None)

        found = target(self.wait_until(lambda screen: target(screen) is not None, f"{text} beside {beside}"))
        assert found is not None
        x, y = found
        self.send(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m")  # SGR reports, which count from 1

    def resize(self, columns: int, lines: int) -> None:
        """As a window manager does: the kernel tells the program with SIGWINCH."""
        with self._lock:
            self._screen.resize(lines, columns)
        self._set_size(columns, lines)

    def wait_for_exit(self, timeout: float = 20) -> int:
        """The exit code, once everything that the program wrote is drawn."""
        code = self.process.wait(timeout)
        drawn = -1
        while drawn != (drawn := len(self.raw)):
            time.sleep(0.2)
        return code

    def hang_up(self) -> None:
        """As when the window is closed: nothing can be written any more, and the kernel sends SIGHUP."""
        self._closing.set()
        self._drawing.join()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()
        os.close(self._slave)

    # In what state the program left the terminal

    @property
    def settings_now(self) -> list:
        return termios.tcgetattr(self._slave)

    @property
    def modes(self) -> dict[int, bool]:
        """The last word on each private mode that the program has set or reset."""
        found = _MODE.findall(self.raw)
        return {int(number): letter == b"h" for numbers, letter in found for number in numbers.split(b";")}

    def assert_restored(self) -> None:
        assert self.settings_now == self.settings_before
        modes = self.modes
        assert ALTERNATE_SCREEN in modes, "the program never was full-screen"
        left_on = [mode for mode in (ALTERNATE_SCREEN, FOCUS_REPORTS, BRACKETED_PASTE, *MOUSE) if modes.get(mode)]
        assert not left_on
        assert modes[CURSOR]
        assert len(_KEYBOARD_PUSHED.findall(self.raw)) == self.raw.count(b"\x1b[<u")

    def _draw(self) -> None:
        while not self._closing.is_set():
            if select.select([self._master], [], [], 0.05)[0]:
                chunk = os.read(self._master, 65536)
                with self._lock:
                    self.raw += chunk
                    self._feed(chunk)
        os.close(self._master)

    def _feed(self, chunk: bytes) -> None:
        text = self._undrawn + self._decode(chunk)
        cut = match.start() if (match := _UNFINISHED.search(text)) else len(text)
        text, self._undrawn = text[:cut], text[cut:]
        self._stream.feed(_BEYOND_PYTE.sub("", text))

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


@dataclass(frozen=True)
class Workplace:
    """A folder to work in, and an environment whose home, caches and runs are all below it."""

    folder: Path

    @property
    def runs_dir(self) -> Path:
        return self.folder / "runs"

    @property
    def env(self) -> dict[str, str]:
        # pytest-xdist sets COLUMNS and LINES, which fix Textual's size; the others lead to this machine's own programs.
        dropped = ("XDG_", "TUNEDECK_", "COLUMNS", "LINES", "DISPLAY", "WAYLAND_", "TMUX", "EDITOR", "VISUAL", "HF_",
                   "NO_COLOR", "COLORFGBG")  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return kept | {
            "HOME": str(self.folder / "home"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data-home"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "TUNEDECK_RUNS_DIR": str(self.runs_dir),
            "HF_HUB_OFFLINE": "1",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def tunedeck(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """The command, without a terminal, run to its end."""
        return run_forked(arguments, self.folder, self.env, timeout)

    def runs(self) -> list[RunFolder]:
        """Newest first."""
        return [summary.folder for summary in list_runs(self.runs_dir)]


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    """Runs that a test leaves behind are ended with it."""
    (tmp_path / "home").mkdir()
    place = Workplace(tmp_path)
    yield place
    for run in place.runs():
        _end(run)


@pytest.fixture
def open_terminal(workplace: Workplace) -> Iterator[Callable[..., Terminal]]:
    """Opens `tunedeck ARGUMENTS` in a new terminal: `open_terminal("train.yaml", columns=80, lines=24)`.

    `env` adds to the environment; None takes a variable out of it.
    """
    opened: list[Terminal] = []

    def open_one(
        *arguments: str, columns: int = 120, lines: int = 36, env: Mapping[str, str | None] | None = None
    ) -> Terminal:
        variables = workplace.env | dict(env or {})
        variables = {name: value for name, value in variables.items() if value is not None}
        opened.append(Terminal(["-m", "app", *arguments], workplace.folder, variables, columns, lines))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def _end(run: RunFolder) -> None:
    trainer = recorded_trainer(run)
    if trainer and is_alive(*trainer):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(trainer[0])
            supervisor = process.parent()
            process.kill()
            if supervisor is not None:
                supervisor.wait(5)
