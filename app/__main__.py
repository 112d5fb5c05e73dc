"""`tunedeck` and `python -m app`."""

import gc
import sys
from pathlib import Path

from app.cli.dispatch import dispatch
from app.wire.run_folder import RunFolder


def main() -> int:
    return dispatch(sys.argv[1:], open_app)


def open_app(file: Path | None, runs_dir: Path, run: RunFolder | None) -> int:
    # What is imported stays: looking for garbage among it takes 20 ms before the first paint. `Deck` turns it on again.
    gc.disable()
    from app.ui.start import start

    return start(file, runs_dir, run)


if __name__ == "__main__":
    sys.exit(main())
