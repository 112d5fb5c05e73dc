"""The machine and the open file, looked at once a second."""

from collections.abc import Callable
from pathlib import Path

from textual.app import App

from app.config.document import ConfigError
from app.machine.gpu import GpuCeiling
from app.machine.state import MachineState, look
from app.memory.ceiling import gpu_ceiling
from app.session.store import Session

LOOK_EVERY = 1.0
"""Seconds between looks at the machine."""
PROGRAMS = 3
"""How many of the largest other programs are listed."""


class MachineWatch:
    """Looks at the machine, and at the open file, in a thread; tells only what a screen would show otherwise."""

    def __init__(
        self, app: App, session: Session, tell: Callable[[str, str], None], trainer: Callable[[], frozenset[int]]
    ):
        """`tell(message, severity)` tells the person; `trainer` is the process of the run that is watched, which is not
        another program."""
        self._app, self._session, self._tell, self._trainer = app, session, tell, trainer
        self._file: tuple = ()
        self._ceiling: GpuCeiling | None = None
        self._shown: tuple = ()
        self._busy = False
        self._timer = app.set_interval(LOOK_EVERY, self._look)
        app.run_worker(self._ask_ceiling, thread=True, group="ceiling")
        self._look()

    def cancel(self) -> None:
        self._timer.stop()

    def _ask_ceiling(self) -> None:
        self._ceiling = gpu_ceiling()

    def _look(self) -> None:
        if not self._busy and self._app.app_focus:
            self._busy = True
            self._app.run_worker(self._read, thread=True, group="machine")

    def _read(self) -> None:
        try:
            self._look_at_file()
            machine = look(self._ceiling, self._trainer(), PROGRAMS)
            if (shown := _rounded(machine)) != self._shown:
                self._shown = shown
                self._app.call_from_thread(self._session.known.machine_seen, machine)
        finally:
            self._busy = False

    def _look_at_file(self) -> None:
        path = self._session.snapshot.path
        stamp = (path, *_stamp(path)) if path else ()
        if stamp != self._file:
            was_known, self._file = self._file[:1] == stamp[:1], stamp
            if was_known:
                self._app.call_from_thread(self._file_moved)

    def _file_moved(self) -> None:
        """Somebody wrote the open file: it is shown as it is now, unless that would lose what was typed."""
        session = self._session
        if session.snapshot.path is None or not session.changes_on_disk():
            return
        name = session.snapshot.path.name
        if session.snapshot.dirty:
            self._tell(f"{name} has changed on disk. Saving will ask whose version stays.", "warning")
            return
        try:
            session.open(session.snapshot.path)
            self._tell(f"{name} has changed on disk, and is shown as it is now.", "information")
        except ConfigError as error:
            self._tell(f"{name} has changed on disk and cannot be shown: {error}", "warning")


def _stamp(path: Path) -> tuple:
    """What changes when a file is written; nothing when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _rounded(machine: MachineState) -> tuple:
    """What a screen shows of it, in tenths of a GB: nothing is drawn while this stays the same."""
    memory = machine.memory
    numbers = (memory.total, memory.available, memory.swap_used)
    programs = tuple((program.name, round(program.resident, -8)) for program in machine.processes)
    return (*(round(number, -8) for number in numbers), machine.pressure, machine.ceiling, programs)
