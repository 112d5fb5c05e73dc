"""Bring a model from the Hugging Face hub, telling how far it is and, in words, why it cannot be had."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huggingface_hub import errors, snapshot_download
from mlx_lm.utils import DEFAULT_ALLOW_PATTERNS
from tqdm.std import tqdm

from app.engine.failures import Failure


def download(repository: str, progress: Callable[[int, int], None]) -> Path:
    """The local folder of a hub model, downloaded where it is not cached, as mlx-lm would.

    `progress` is given bytes done and bytes known of so far. Raises Failure.
    """
    try:
        return Path(
            snapshot_download(repository, allow_patterns=DEFAULT_ALLOW_PATTERNS, tqdm_class=_byte_counter(progress))
        )
    except Exception as error:
        raise Failure(_in_words(repository, error)) from error


def _byte_counter(progress: Callable[[int, int], None]) -> type[tqdm]:
    class ByteCounter(tqdm):
        """A progress bar that draws nothing. The hub client gives its byte bars the unit B."""

        _byte_bars: list[tqdm] = []

        def __init__(self, *positional: Any, **options: Any):
            options.pop("name", None)
            super().__init__(*positional, **(options | {"disable": False, "file": _Nowhere()}))
            if options.get("unit") == "B":
                self._byte_bars.append(self)

        def update(self, n: float | None = 1) -> bool | None:
            drawn = super().update(n)
            done = max((bar.n for bar in self._byte_bars), default=0)
            if done:
                progress(int(done), int(max(bar.total or 0 for bar in self._byte_bars)))
            return drawn

    return ByteCounter


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def _in_words(repository: str, error: Exception) -> str:
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{repository} is gated: accept its terms at https://huggingface.co/{repository}, "
            "then log in with `hf auth login`."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"model: the hub shows no {repository}: check the name, or log in with `hf auth login` if it is private."
    if isinstance(error, errors.HFValidationError):
        return f"model: {repository} is neither a folder here nor a name on the hub: check its spelling."
    if isinstance(error, errors.LocalEntryNotFoundError | ConnectionError):
        return f"{repository} is not on this computer and the hub is out of reach: go online, or name a folder."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"The disk is full: {repository} needs more room in the hub cache (HF_HOME moves it)."
    if isinstance(error, errors.HfHubHTTPError):
        return f"The hub refused {repository}: {' '.join(str(error).split())}"
    return f"{repository} could not be downloaded ({type(error).__name__}: {' '.join(str(error).split())})"


def from_elsewhere() -> bool:
    """Whether mlx-lm is told to fetch models from another hub, which it then has to do by itself."""
    return os.environ.get("MLXLM_USE_MODELSCOPE", "False").lower() == "true"
