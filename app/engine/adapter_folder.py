"""The folder that an adapter is written to: held by one run, and changed only by whole files."""

import contextlib
import os
from pathlib import Path

from app.engine.failures import Failure
from app.wire.files import publish
from app.wire.folder_lock import FolderBusy, lock_folder

FINAL = "adapters.safetensors"
CONFIG = "adapter_config.json"
_STAGED = ".tunedeck-"


class AdapterFolder:
    """A claim on an adapter folder, from before the model is loaded until the trainer ends.

    Raises Failure when another run holds it or it cannot be made. The files already in it stay as they are
    until something better is whole on disk.
    """

    def __init__(self, path: Path):
        self.path = path
        self._made = not path.exists()
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = lock_folder(path)
            self.discard()
        except FolderBusy:
            raise Failure(
                f"{path} is being written by another run: wait for it, stop it, or choose another adapter_path."
            ) from None
        except OSError as error:
            raise Failure(f"{path}: the adapter cannot be written here ({error.strerror}).") from None

    def staged(self, name: str) -> Path:
        """Where to write a file before it is published as `name`; mlx insists on the suffix."""
        return self.path / f"{_STAGED}{name}"

    def publish(self, name: str) -> Path:
        """Let a staged file take the place of `name`, durably."""
        publish(self.staged(name), self.path / name)
        return self.path / name

    def discard(self) -> None:
        """Remove what was staged and never published, by this run or by one that was killed."""
        for leftover in self.path.glob(f"{_STAGED}*"):
            leftover.unlink()

    def release(self) -> None:
        """Let go; a folder made for this run and never used goes too."""
        self.discard()
        if self._made:
            with contextlib.suppress(OSError):
                self.path.rmdir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
