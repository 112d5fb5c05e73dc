"""Values of a configuration as a preset of the user's own."""

import re
from collections.abc import Collection
from pathlib import Path

from app.config.config import ALPHA, DORA, METHOD, SCALE, Config, Origin
from app.config.groups import GROUPS
from app.config.preset_file import HEAD, OF_ONE_JOB
from app.config.preset_setting import is_setting
from app.config.presets import shipped_folder
from app.config.registry import in_group
from app.config.saving import SaveError, save
from app.config.yaml_write import entry_lines


class PresetExists(SaveError):
    """There is a preset of that name, the user's own or a shipped one, whose place the new one would take."""


def preset_text(name: str, summary: str, config: Config, keys: Collection[str] | None = None) -> str:
    """The text of a preset that sets `keys` to what they are now, in the registry's order.

    Left out, the keys are those that somebody has given a value, without what belongs to this one job.
    Raises SaveError where there is none.
    """
    wanted = _given(config) if keys is None else keys
    sections = ["\n".join(entry_lines(HEAD, {"name": name, "summary": summary}))]
    for group in GROUPS:
        lines = []
        for parameter in in_group(group.id):
            if parameter.key in wanted and parameter.read_from_yaml:
                value = config.values[parameter.key]
                written = {"value": value} if is_setting(value) else value
                lines += entry_lines(parameter.flat or parameter.key, written)
        if lines:
            sections.append("\n".join([f"# {group.label}", *lines]))
    if len(sections) == 1:
        raise SaveError("No value was given yet that a preset may hold; set some first.")
    return "\n\n".join(sections) + "\n"


def save_preset(user_folder: Path, name: str, text: str, overwrite: bool = False) -> Path:
    """Writes a preset under a file name made from `name`; the folder is made. Raises PresetExists, SaveError."""
    path = user_folder / f"{_id(name)}.yaml"
    for standing in () if overwrite else (path, shipped_folder() / path.name):
        if standing.exists():
            raise PresetExists(f"{standing}: There is a preset of this name; choose another name, or overwrite it.")
    try:
        user_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{user_folder}: The folder for presets cannot be made: {error.strerror}.") from error
    save(path, text, None)
    return path


def _given(config: Config) -> set[str]:
    """Of two views of one value only the one that is held while the other follows, and not if it is a default."""
    given = {key for key, origin in config.origins.items() if origin is not Origin.DEFAULT} - OF_ONE_JOB
    if config.alpha is not None and given & {ALPHA, SCALE}:
        given = (given | {ALPHA}) - {SCALE}
    elif config.alpha is None:
        given -= {ALPHA}
    return (given | {METHOD}) - {DORA} if DORA in given else given


def _id(name: str) -> str:
    """Letters and digits of any script stay; commas, which part presets on the command line, do not."""
    kept = re.sub(r"[^\w.-]+", "-", name.lower()).strip("-._")[:60]
    if not kept:
        raise SaveError(f"{name!r} has no letter or digit to name a file after; choose another name.")
    return kept
