"""The command in a forked child: a process of its own, without the seconds in which Python imports all it needs.

That it runs as an installed program, too, is for the tests in `e2e` and of `train`, `attach` and `stop`.
"""

import os
import sys
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryFile

from app.__main__ import main


def run_forked(arguments: tuple[str, ...], folder: Path, env: dict[str, str], timeout: float) -> CompletedProcess[str]:
    """`tunedeck ARGUMENTS` in a folder, without a terminal, run to its end. `timeout` in seconds."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        given = (arguments, folder, env, out.fileno(), err.fileno())
        child = get_context("fork").Process(target=_become_command, args=given)
        child.start()
        child.join(timeout)
        if child.is_alive():
            child.kill()
            raise TimeoutExpired(list(arguments), timeout)
        out.seek(0), err.seek(0)
        return CompletedProcess(list(arguments), child.exitcode, out.read(), err.read())


def _become_command(arguments: tuple[str, ...], folder: Path, env: dict[str, str], out: int, err: int) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for number, descriptor in enumerate((os.open(os.devnull, os.O_RDONLY), out, err)):
        os.dup2(descriptor, number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the three lead elsewhere while pytest captures
    sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115
    sys.argv = ["tunedeck", *arguments]
    sys.exit(main())
