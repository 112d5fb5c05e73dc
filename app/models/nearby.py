"""Model folders near where one works."""

from collections.abc import Iterator
from pathlib import Path

from app.models import config_json
from app.models.cache import CachedModel
from app.models.facts import ModelError
from app.models.trainable import installed_architectures, why_not
from app.models.weights import find_weights

MOST = 50


def model_folders(start: Path) -> list[CachedModel]:
    """The models in `start`, its folders and theirs, by the name that a configuration there would give them.

    At most 50, and of each folder only its names are read.
    """
    known = installed_architectures()
    found = []
    for folder in _candidates(start):
        try:
            config = config_json.read_config(folder / "config.json")
            weights = find_weights(folder)
            size = sum(path.stat().st_size for path in weights.present)
        except (ModelError, OSError):
            continue
        found.append(
            CachedModel(
                name=str(folder.relative_to(start)),
                folder=folder,
                weight_bytes=size,
                model_type=config["model_type"],
                layers=config_json.layer_count(config),
                quantization=config_json.quantization(config),
                is_complete=not weights.missing,
                cannot_train=why_not(config, known),
            )
        )
        if len(found) == MOST:
            break
    return found


def _candidates(start: Path) -> Iterator[Path]:
    for folder in _folders(start):
        yield folder
        yield from _folders(folder)


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []
