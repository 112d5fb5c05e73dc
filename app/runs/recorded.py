"""The processes that a run has on record."""

from app.wire.files import read_json
from app.wire.process import is_alive
from app.wire.run_folder import RunFolder


def recorded_trainer(run: RunFolder) -> tuple[int, str] | None:
    """Pid and identity of the run's trainer; None before it has started, or when the record is damaged."""
    return _process(read_json(run.trainer))


def death_is_being_recorded(run: RunFolder) -> bool:
    """Whether the trainer's parent still lives to say how it ended, which takes it some milliseconds."""
    if run.exit.exists():
        return False
    supervisor = _process((read_json(run.trainer) or {}).get("supervisor"))
    return supervisor is not None and is_alive(*supervisor)


def _process(record: object) -> tuple[int, str] | None:
    match record:
        case {"pid": int(pid), "identity": str(identity)}:
            return pid, identity
    return None
