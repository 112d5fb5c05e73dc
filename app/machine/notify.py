"""A notification of the desktop, where there is one."""

import shutil
import subprocess
import sys
from contextlib import suppress

_SCRIPT = ("on run argv", 'display notification (item 1 of argv) with title "Tunedeck"', "end run")
"""AppleScript that takes its text as an argument, so that no text can be read as script. Never run on a Mac."""
_PATIENCE = 5.0


def notify(text: str) -> None:
    """Shows `text`, and does nothing where that cannot be done. Blocks for at most some seconds."""
    if sys.platform == "darwin":
        command = ["osascript", *(word for line in _SCRIPT for word in ("-e", line)), text]
    elif shutil.which("notify-send"):
        command = ["notify-send", "--app-name=Tunedeck", "--", "Tunedeck", text]
    else:
        return
    quiet = subprocess.DEVNULL
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=_PATIENCE, check=False)
