"""What stands in the folder that a run would write its adapter to."""

from pathlib import Path

from app.wire.folder_lock import is_busy


def existing_adapter(folder: Path) -> str | None:
    """A sentence naming the adapter that a run would replace; None when the folder holds none."""
    if any(folder.glob("*adapters.safetensors")):
        return f"{folder} holds an adapter already: choose another adapter_path, or allow it to be overwritten."
    return None


def busy_adapter(folder: Path) -> str | None:
    """A sentence when another run writes to the folder now; None when it is free."""
    if is_busy(folder):
        return f"{folder} is being written by another run: wait for it, stop it, or choose another adapter_path."
    return None
