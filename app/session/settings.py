"""What the app remembers between starts: its theme, where it was left, and how its windows were set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.session.state_file import State, read_state, update_state

Choice = bool | int | str


@dataclass(frozen=True)
class Settings:
    """None where nothing was chosen yet. Names are as an earlier start wrote them: they may no longer exist."""

    theme: str | None = None
    screen: str | None = None
    """The mode that was shown last."""
    group: str | None = None
    """The group of parameters that was shown last."""
    window: Mapping[str, Choice] = field(default_factory=dict)
    """What was opened, closed or switched, such as `side_panel` or `log_scale`."""


def load_settings(folder: Path) -> Settings:
    """The settings kept in a folder. Never fails: what cannot be read, or is of another kind, was never chosen."""
    state = read_state(_file(folder))
    theme, screen, group = (_text(state.get(name)) for name in ("theme", "screen", "group"))
    choices = {name: value for name, value in _mapping(state.get("window")).items() if isinstance(value, Choice)}
    return Settings(theme, screen, group, choices)


def save_settings(folder: Path, settings: Settings) -> None:
    """Keep the settings, beside names of another version. Silent when the folder cannot be written."""
    chosen = {"theme": settings.theme, "screen": settings.screen, "group": settings.group}

    def with_chosen(kept: State) -> State:
        return kept | chosen | {"window": _mapping(kept.get("window")) | dict(settings.window)}

    update_state(_file(folder), with_chosen)


def _file(folder: Path) -> Path:
    return folder / "settings.json"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
