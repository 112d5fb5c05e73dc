"""Opens the app in this terminal."""

import sys
from pathlib import Path

from app.config.document import ConfigError
from app.session.store import Session
from app.session.watch import Watch
from app.ui.app import TunedeckApp
from app.wire.run_folder import RunFolder
from app.wire.text import printable


def start(file: Path | None, runs_dir: Path, run: RunFolder | None) -> int:
    """Runs the app until it is left. Returns its exit code, 2 for a file that cannot be read."""
    session = Session()
    if file is not None:
        try:
            session.open(file)
        except ConfigError as error:
            print(f"tunedeck: {printable(str(error))}", file=sys.stderr)
            return 2
    app = TunedeckApp(session, runs_dir, Watch(run) if run else None)
    app.run()
    if app.farewell:
        print(app.farewell)
    return app.return_code or 0
