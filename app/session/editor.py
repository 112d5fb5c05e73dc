"""The person's own text editor."""

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

_USUAL = ("nano", "vim", "vi")


def editor_command(environ: Mapping[str, str], path: Path) -> list[str] | None:
    """The command that edits a file: `VISUAL`, else `EDITOR`, else nano, vim or vi; None when none is installed.

    A variable may carry arguments (`code --wait`); one that names no program on `PATH` is passed over.
    """
    for text in (environ.get("VISUAL", ""), environ.get("EDITOR", ""), *_USUAL):
        command = _split(text)
        if command and shutil.which(command[0], path=environ.get("PATH")):
            # Absolute, so that a name that begins with a dash is no option.
            return [*command, str(path.absolute())]
    return None


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote without its partner
        return []
