"""The process that a run has on record."""

from app.wire.files import read_json
from app.wire.run_folder import RunFolder


def recorded_trainer(run: RunFolder) -> tuple[int, str] | None:
    """Pid and identity of the run's trainer; None before it has started, or when the record is damaged."""
    record = read_json(run.trainer) or {}
    match record:
        case {"pid": int(pid), "identity": str(identity)}:
            return pid, identity
    return None
