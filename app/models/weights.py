"""The weight files of a model folder, as mlx-lm finds them."""

import json
from dataclasses import dataclass
from pathlib import Path

PATTERN = "model*.safetensors"
"""mlx_lm.utils.load_model takes these and no others; it does not read the index."""


@dataclass(frozen=True)
class WeightFiles:
    """What is there, and the names of what should be: the hub cache often holds half a download."""

    present: tuple[Path, ...]
    missing: tuple[str, ...]


def find_weights(folder: Path) -> WeightFiles:
    """The weight files of a folder, in the order of their names. Raises OSError."""
    named = sorted(folder.glob(PATTERN))
    present = tuple(path for path in named if path.is_file())
    broken_links = {path.name for path in named} - {path.name for path in present}
    promised = {name for name in _indexed(folder) if not (folder / name).is_file()}
    missing = sorted(broken_links | promised)
    return WeightFiles(present, tuple(missing) if missing or present else ("model.safetensors",))


def _indexed(folder: Path) -> set[str]:
    """A garbled index names nothing: mlx-lm loads the model all the same."""
    try:
        files = json.loads((folder / "model.safetensors.index.json").read_bytes())["weight_map"].values()
        return {name for name in files if isinstance(name, str)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()
