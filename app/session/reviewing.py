"""What Review has to read off the disk."""

from dataclasses import dataclass
from pathlib import Path

from app.config.config import native
from app.config.document import ConfigError, Document, read
from app.runs.pace import duration_words, pace
from app.session.snapshot import Snapshot


@dataclass(frozen=True)
class Looked:
    on_disk: Document | None
    """The file as it is now; None where there is none that can be read."""
    duration: str
    """How long the run may take, in words."""


def look(snapshot: Snapshot, runs_dir: Path) -> Looked:
    """Reads the file and the ends of earlier runs: call it off the event loop."""
    on_disk = None
    if snapshot.path is not None:
        try:
            on_disk = read(snapshot.path)
        except ConfigError:
            on_disk = None
    config = native(snapshot.config)
    return Looked(on_disk, duration_words(pace(runs_dir, config), config["iters"], snapshot.derived.evaluations))
