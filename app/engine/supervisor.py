"""The trainer's parent: small, without MLX, and the one who always knows how the trainer fares and how it ended."""

import contextlib
import os
import platform
import resource
import shutil
import signal
import subprocess
from dataclasses import asdict
from pathlib import Path

from app.engine.guard import Guard
from app.machine.oom import oom_kills
from app.wire.files import write_json, write_whole
from app.wire.process import engine_command, identity
from app.wire.run_folder import RunFolder

LOOK_EVERY = 2.0
"""Seconds between looks at the trainer's memory: what a training takes grows by steps of seconds."""


def supervise(folder: Path) -> int:
    """Run the trainer of this folder, pass stop requests on to it, and record its process and its end."""
    run = RunFolder(folder)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Until the trainer has handlers of its own it must ignore what it inherits: a stop in its first instant
    # would kill it. It finds the stop file instead.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    killed_before = oom_kills()
    trainer = subprocess.Popen(engine_command("trainer", str(folder)), stdin=subprocess.DEVNULL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _ask_to_end(run, trainer, "stop"))
    own = {"pid": os.getpid(), "identity": identity(os.getpid())}
    write_json(run.trainer, {"pid": trainer.pid, "identity": identity(trainer.pid), "supervisor": own})
    keeper = _keep_awake(trainer.pid)
    guard = Guard(run, trainer.pid)
    code = _watch_until_its_end(run, trainer, guard)
    write_json(run.exit, _ending(code, guard, killed_before))
    if keeper:
        keeper.wait()
    return code if code >= 0 else 128 - code


def _watch_until_its_end(run: RunFolder, trainer: subprocess.Popen, guard: Guard) -> int:
    while True:
        try:
            return trainer.wait(LOOK_EVERY)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):  # a full disk must not cost the record of how it ended
                if guard.look():
                    _ask_to_end(run, trainer, "pause")


def _ending(code: int, guard: Guard, killed_before: int | None) -> dict:
    killed = oom_kills()
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]  # the trainer's, too, which has it from here
    return {
        "code": code if code >= 0 else None,
        "signal": -code if code < 0 else None,
        "pulse": asdict(guard.pulse) if guard.pulse else None,
        "oom_kills": None if killed is None or killed_before is None else killed - killed_before,
        "memory_limit": None if limit == resource.RLIM_INFINITY else limit,
    }


def _ask_to_end(run: RunFolder, trainer: subprocess.Popen, kind: str) -> None:
    """What a person asked for before stays: the signal may be that request's own."""
    with contextlib.suppress(OSError):
        if not run.stop.exists():
            write_whole(run.stop, kind.encode())
    with contextlib.suppress(ProcessLookupError):
        trainer.send_signal(signal.SIGTERM)


def _keep_awake(pid: int) -> subprocess.Popen | None:
    """Keep a Mac from idle sleep while the trainer lives (never run on a Mac)."""
    caffeinate = shutil.which("caffeinate") if platform.system() == "Darwin" else None
    return subprocess.Popen([caffeinate, "-i", "-w", str(pid)], stdin=subprocess.DEVNULL) if caffeinate else None
