"""What the app opens with: a file, and the run that still goes on."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.session.store import Session
from app.wire.run_folder import RunFolder

if TYPE_CHECKING:
    from app.session.watch import Watch  # 11 ms that only a run need wait for


@dataclass(frozen=True)
class Opened:
    session: Session
    watched: "Watch | None"


def open_session(file: Path | None, runs_dir: Path, run: RunFolder | None) -> Opened:
    """The session on `file`, watching `run`; else a run that still goes on, of this file or, without one, of any.

    Raises ConfigError when the file cannot be used, unless it is only the one that `run` was begun from.
    """
    from app.runs.folder import file_of
    from app.runs.listing import live_run

    to_watch = run or live_run(runs_dir, file.absolute() if file else None)
    session = Session()
    if file is not None and run is None:
        session.open(file)
    elif to_watch is not None:
        _open_first(session, [file or file_of(to_watch), to_watch.config])
    return Opened(session, _watch(to_watch) if to_watch else None)


def _open_first(session: Session, files: list[Path | None]) -> None:
    """A run can be watched whatever has become of its file."""
    from app.config.document import ConfigError

    for file in filter(None, files):
        with contextlib.suppress(ConfigError):
            session.open(file)
            return


def _watch(run: RunFolder) -> "Watch":
    from app.session.watch import Watch

    return Watch(run)
