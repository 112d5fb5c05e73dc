"""Opens the app in this terminal."""

import os
import sys
from pathlib import Path

from app.session.settings import Settings, load_settings
from app.session.state_file import state_folder
from app.ui.app import TunedeckApp
from app.ui.places import FIRST_FORM, FORMS, START, TRAIN
from app.ui.terminal import fitting_theme
from app.wire.run_folder import RunFolder
from app.wire.text import printable


def start(file: Path | None, runs_dir: Path, run: RunFolder | None) -> int:
    """Runs the app until it is left. Returns its exit code, 2 for a file that cannot be used."""

    def opening():
        from app.session.opening import open_session

        return open_session(file, runs_dir, run)

    folder = state_folder()
    settings = load_settings(folder)
    theme = settings.theme or fitting_theme(os.environ)
    app = TunedeckApp(opening, runs_dir, file, _first_place(file, run, settings), theme)
    app.keep_in(folder, settings)
    app.run()
    if app.complaint:
        print(f"tunedeck: {printable(app.complaint)}", file=sys.stderr)
    if app.farewell:
        print(app.farewell)
    return app.return_code or 0


def _first_place(file: Path | None, run: RunFolder | None, settings: Settings) -> str:
    """The form where one was last, for a file; the run, or what there is to begin with."""
    if run:
        return TRAIN
    if file is None:
        return START
    return settings.group if settings.group in FORMS else FIRST_FORM
