"""What a form shows of each of its fields, told from the snapshot."""

from app.config.config import ALPHA, SCALE, Origin
from app.config.registry import BY_KEY, in_group
from app.session.snapshot import Snapshot
from app.session.store import EPOCHS, Session
from app.ui.row import Row


def form_rows(group: str, session: Session, snapshot: Snapshot) -> tuple[Row, ...]:
    return tuple(_row(key, label, session, snapshot) for key, label in _fields(group))


def complaint_about(key: str, snapshot: Snapshot) -> tuple[str, str]:
    """The worst that there is to say of a field: its level (error, warning, or empty), and the sentence."""
    if key in snapshot.errors:
        return "error", snapshot.errors[key]
    for level in ("error", "warning"):
        for finding in snapshot.findings:
            if finding.level == level and finding.key == key:
                return level, finding.message
    return "", ""


def origin_word(key: str, snapshot: Snapshot) -> str:
    """Where a parameter's value comes from: default, file, preset, typed; of a configuration in no file, new."""
    origin = snapshot.config.origins[key]
    return "new" if origin is Origin.FILE and snapshot.path is None else origin.value


def _fields(group: str) -> list[tuple[str, str]]:
    fields = [(parameter.key, parameter.label) for parameter in in_group(group)]
    keys = [key for key, _ in fields]
    if "iters" in keys:
        fields.insert(keys.index("iters") + 1, (EPOCHS, "Epochs"))
    return fields


def _row(key: str, label: str, session: Session, snapshot: Snapshot) -> Row:
    origin, edited = _origin(key, snapshot)
    status, tone = (f"● {origin}", "edited") if edited else (origin, "plain")
    level, _ = complaint_about(key, snapshot)
    if level == "error":
        status, tone = "✗ error", "error"
    elif level == "warning":
        status, tone = f"▲ {origin}", "warning"
    return Row(key, label, BY_KEY.get(key), session.text(key), status, tone)


def _origin(key: str, snapshot: Snapshot) -> tuple[str, bool]:
    if key == EPOCHS:
        return ("typed" if snapshot.epochs_held else "= iters"), snapshot.epochs_held
    follower = SCALE if snapshot.config.alpha is not None else ALPHA
    if key == follower and snapshot.config.origins[key] is not Origin.DEFAULT:
        return ("= alpha" if key == SCALE else "= scale"), key in snapshot.edited
    return origin_word(key, snapshot), key in snapshot.edited
