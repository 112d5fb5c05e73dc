"""What the app opens with: a file, and the run that still goes on."""

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

    Raises ConfigError when the file cannot be used.
    """
    from app.runs.folder import file_of
    from app.runs.listing import live_run

    run = run or live_run(runs_dir, file.absolute() if file else None)
    file = file or (file_of(run) if run else None)
    session = Session()
    if file is not None:
        session.open(file)
    return Opened(session, _watch(run) if run else None)


def _watch(run: RunFolder) -> "Watch":
    from app.session.watch import Watch

    return Watch(run)
