"""Models in the local Hugging Face cache, found without its client.

Layout: `models--org--name/refs/main` holds a commit, `snapshots/<commit>/` its files, mostly links into `blobs/`:
https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.models import config_json
from app.models.facts import ModelError, ModelFacts, Quantization, Source
from app.models.folder import read_model
from app.models.hub_home import cache_folder, is_repository
from app.models.trainable import Architectures, installed_architectures, why_not
from app.models.weights import find_weights

_PREFIX = "models--"


@dataclass(frozen=True)
class CachedModel:
    """A model of which something is on this computer. `folder` is its snapshot."""

    name: str
    folder: Path
    weight_bytes: int
    """On disk, of the weight files that are there."""
    model_type: str
    layers: int | None
    quantization: Quantization | None
    is_complete: bool
    """Whether all its weight files are there."""
    cannot_train: str | None
    """Why mlx-lm cannot train it, in one sentence; None when it can, as far as is known here."""


def cached_models() -> list[CachedModel]:
    """The main revisions that hold a config.json with a model_type, by name; unreadable ones are left out."""
    known = installed_architectures()
    return sorted(_listed(cache_folder(), known), key=lambda model: model.name.lower())


def find_model(name: str, start: Path) -> ModelFacts | None:
    """The model that mlx-lm, started in `start`, takes for `name`: what exists there, else the cache's main revision.

    None when it would have to be downloaded. Raises ModelError.
    """
    if name and _exists(start / name):
        return read_model(start / name, name, Source.FOLDER)
    snapshot = _snapshot(cache_folder() / (_PREFIX + name.replace("/", "--"))) if is_repository(name) else None
    if snapshot is None or not (snapshot / "config.json").is_file():
        return None
    return read_model(snapshot, name, Source.CACHE)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # too long for a file's name, or out of bounds
        return False


def _listed(cache: Path, known: Architectures | None) -> Iterator[CachedModel]:
    try:
        repositories = [path for path in cache.iterdir() if path.name.startswith(_PREFIX)]
    except OSError:
        return
    for repository in repositories:
        try:
            if snapshot := _snapshot(repository):
                yield _cached_model(repository.name.removeprefix(_PREFIX).replace("--", "/"), snapshot, known)
        except (ModelError, OSError):
            continue


def _cached_model(name: str, snapshot: Path, known: Architectures | None) -> CachedModel:
    config = config_json.read_config(snapshot / "config.json")
    weights = find_weights(snapshot)
    return CachedModel(
        name=name,
        folder=snapshot,
        weight_bytes=sum(path.stat().st_size for path in weights.present),
        model_type=config["model_type"],
        layers=config_json.layer_count(config),
        quantization=config_json.quantization(config),
        is_complete=not weights.missing,
        cannot_train=why_not(config, known),
    )


def _snapshot(repository: Path) -> Path | None:
    try:
        commit = (repository / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    folder = repository / "snapshots" / commit
    return folder if commit.isalnum() and folder.is_dir() else None
