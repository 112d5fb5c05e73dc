"""What opening a file had to say, while the session goes on: which of it still stands, and how to take it back."""

from app.checks.finding import Fix
from app.config.config import Config
from app.config.dialect import Notice
from app.config.registry import BY_KEY
from app.config.values import one_line


def standing(notices: tuple[Notice, ...], config: Config) -> tuple[Notice, ...]:
    """Without those whose other reading has been taken."""
    return tuple(notice for notice in notices if not notice.alternative or not _is_taken(notice, config))


def fix_of(notice: Notice) -> Fix | None:
    """The other reading as a fix; None where there is none."""
    if not notice.alternative:
        return None
    key, value = notice.alternative[0]
    more = len(notice.alternative) - 1
    label = f"{key.rpartition('.')[2]} {one_line(BY_KEY[key], value)}" + (f" and {more} more" if more else "")
    return Fix(f"undo: {label}" if notice.code in ("older-name", "flat") else label, notice.alternative)


def _is_taken(notice: Notice, config: Config) -> bool:
    return all(config.values[key] == value for key, value in notice.alternative)
