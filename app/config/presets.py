"""Which presets there are: the shipped ones, and the user's own."""

from collections.abc import Iterator
from pathlib import Path

from app.config.document import ConfigError
from app.config.preset_file import Preset, read_preset

_APP = Path(__file__).parents[1]


def load_presets(user_folder: Path | None) -> tuple[tuple[Preset, ...], tuple[str, ...]]:
    """The shipped presets, then the user's, by id; and a sentence for each file that is not what one may expect.

    A user's preset takes the place of a shipped one of the same id. Never raises.
    """
    complaints: list[str] = []
    presets: dict[str, Preset] = {}
    for folder, shipped in ((shipped_folder(), True), (user_folder, False)):
        for path in _files(folder, complaints) if folder else ():
            try:
                preset = read_preset(path, shipped)
            except ConfigError as error:
                complaints.append(str(error))
                continue
            standing = presets.get(preset.id)
            if standing and not standing.shipped:
                complaints.append(f"{path}: {standing.path.name} goes by the same name; rename one of them.")
                continue
            if standing:
                complaints.append(f"{path}: This takes the place of the shipped preset {preset.id}.")
            presets[preset.id] = preset
    return tuple(presets.values()), tuple(complaints)


def user_folder() -> Path:
    """Where the user's own presets are looked for; it may not be there."""
    import platformdirs  # 14 ms, and the first paint needs no preset

    return Path(platformdirs.user_config_dir("tunedeck", appauthor=False)) / "presets"


def shipped_folder() -> Path:
    """In the wheel beside the rooms; in a checkout, editable installs included, beside `app`."""
    packed = _APP / "presets"
    return packed if packed.is_dir() else _APP.parent / "presets"


def _files(folder: Path, complaints: list[str]) -> Iterator[Path]:
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        complaints.append(f"{folder}: The presets cannot be read: {error.strerror}.")
        return
    # macOS leaves ._NAME beside a NAME copied from another file system
    yield from (path for path in paths if path.suffix in (".yaml", ".yml") and not path.name.startswith("."))
