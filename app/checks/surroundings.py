"""What stands on this computer around a configuration, looked at once, so that the rules need no disk."""

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from itertools import count, islice
from pathlib import Path
from typing import Any

from app.machine.backend import installed_backends, missing_backend
from app.models.facts import ModelError, Tensor
from app.models.headers import read_header
from app.wire.files import read_json

ABOUT = ("model", "data", "adapter_path", "resume_adapter_file")
"""The values that decide what is looked at."""

PACKAGES = ("datasets", "wandb", "swanlab")
"""What mlx-lm imports only when a configuration asks for it."""

_NEIGHBOURS = 1000
"""So many names of a folder are compared with one that is not there."""
_TELLING = 100_000_000
"""Bytes of free disk that are told apart: it changes all the time."""


class Standing(Enum):
    MISSING = "missing"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True)
class Place:
    """What a path of the configuration leads to."""

    standing: Standing
    means_folder: bool = False
    """Whether the text can only be a path: a name on the hub is `name` or `owner/name`."""
    like: str = ""
    """A folder of a similar name that holds what is looked for, written as the path is; where nothing stands."""


@dataclass(frozen=True)
class AdapterFolder:
    """What a run from this configuration would replace, and what a test alone would load."""

    config: Mapping[str, Any] | None
    """Of adapter_config.json."""
    has_weights: bool
    """Whether adapters.safetensors is there."""
    checkpoints: tuple[str, ...]
    """Names of the numbered ones."""
    bytes: int
    """Of all adapter files."""
    free_name: str
    """The same path with a number behind it, where nothing stands."""


@dataclass(frozen=True)
class ResumeFile:
    standing: Standing
    tensors: Mapping[str, Tensor] | None
    """None where they cannot be told."""
    problem: str = ""
    """Why it cannot be read, one sentence."""
    inside: str = ""
    """The adapter file in it, where it is a folder."""


@dataclass(frozen=True)
class Surroundings:
    about: tuple[Any, ...]
    """The values of `ABOUT` that all this is of."""
    start: Path
    """Where relative paths begin."""
    model: Place
    model_has_config: bool
    data: Place
    adapter: AdapterFolder
    resume: ResumeFile
    free_bytes: int | None
    """On the disk of the adapter folder, rounded down to 0.1 GB; None where the system does not tell."""
    packages: frozenset[str]
    """Those of `PACKAGES` that are installed."""
    backends: tuple[str, ...]
    """Of MLX, as they are installed."""
    backend_problem: str
    """Why MLX cannot compute here, one sentence; empty when it can."""


def about(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values[key] for key in ABOUT)


def look_around(values: Mapping[str, Any], start: Path) -> Surroundings:
    """Reads folders and headers: call it off the event loop. What cannot be read counts as missing."""
    model, data, adapter, resume = (str(value or "") for value in about(values))
    return Surroundings(
        about=about(values),
        start=start,
        model=_place(model, start, ("config.json",)),
        model_has_config=_standing(start / model / "config.json") is Standing.FILE,
        data=_place(data, start, ("train.jsonl", "test.jsonl")),
        adapter=_adapter_folder(adapter, start),
        resume=_resume_file(resume, start),
        free_bytes=_free_bytes(start / adapter),
        packages=frozenset(name for name in PACKAGES if _is_installed(name)),
        backends=installed_backends(),
        backend_problem=missing_backend() or "",
    )


def _standing(path: Path) -> Standing:
    with contextlib.suppress(OSError, ValueError):  # too long for a name, or a NUL in it
        if path.is_dir():
            return Standing.FOLDER
        if path.exists():
            return Standing.FILE
    return Standing.MISSING


def _place(text: str, start: Path, holding: tuple[str, ...]) -> Place:
    standing = _standing(start / text) if text else Standing.MISSING
    if not text or standing is not Standing.MISSING:
        return Place(standing)
    beginning = text.partition("/")[0]
    means_folder = text.startswith((".", "/", "~")) or text.count("/") > 1
    means_folder = means_folder or ("/" in text and _standing(start / beginning) is Standing.FOLDER)
    return Place(standing, means_folder, _like(Path(text), start, holding))


def _like(path: Path, start: Path, holding: tuple[str, ...]) -> str:
    """A neighbour that the person may have meant; empty when none is like it."""
    with contextlib.suppress(OSError, ValueError):
        names = [each.name for each in islice((start / path).parent.iterdir(), _NEIGHBOURS) if each.is_dir()]
        for name in get_close_matches(path.name, names, n=3, cutoff=0.6):
            if any((start / path.with_name(name) / file).is_file() for file in holding):
                return str(path.with_name(name))
    return ""


def _adapter_folder(text: str, start: Path) -> AdapterFolder:
    folder, files = start / text, list[Path]()
    if text:
        with contextlib.suppress(OSError, ValueError):
            files = sorted(folder.glob("*adapters.safetensors"))
    checkpoints = tuple(file.name for file in files if file.name != "adapters.safetensors")
    return AdapterFolder(
        config=read_json(folder / "adapter_config.json") if text and "\0" not in text else None,
        has_weights=len(checkpoints) < len(files),
        checkpoints=checkpoints,
        bytes=sum(map(_size, files)),
        free_name=_free_name(text, start) if files else "",
    )


def _free_name(text: str, start: Path) -> str:
    names = (f"{text.rstrip('/')}-{number}" for number in count(2))
    return next(name for name in names if _standing(start / name) is Standing.MISSING)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _resume_file(text: str, start: Path) -> ResumeFile:
    path = start / text
    standing = _standing(path) if text else Standing.MISSING
    if standing is Standing.FOLDER:
        inside = Path(text) / "adapters.safetensors"
        return ResumeFile(standing, None, inside=str(inside) if (start / inside).is_file() else "")
    if standing is Standing.MISSING or path.suffix != ".safetensors":
        return ResumeFile(standing, None)
    try:
        return ResumeFile(standing, read_header(path))
    except ModelError as error:
        return ResumeFile(standing, None, str(error))
    except OSError as error:
        return ResumeFile(standing, None, f"{text} cannot be read ({error.strerror}).")


def _free_bytes(folder: Path) -> int | None:
    """Of the nearest folder that is there already."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError, ValueError):
            if place.is_dir():
                return shutil.disk_usage(place).free // _TELLING * _TELLING
    return None


def _is_installed(package: str) -> bool:
    from importlib.util import find_spec

    with contextlib.suppress(ImportError, ValueError):
        spec = find_spec(package)
        return spec is not None and spec.origin is not None  # a folder of that name that lies about has none
    return False
