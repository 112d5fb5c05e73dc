"""Where the Hugging Face client keeps its things and finds its hub, as huggingface_hub.constants reads it."""

import os
import re
from pathlib import Path

_REPOSITORY = re.compile(r"(?!.*(--|\.\.))(\b[\w.-]{1,96}\b/)?\b[\w.-]{1,96}\b(?<!\.git)", re.ASCII)
"""As huggingface_hub.utils.validate_repo_id has it."""
_TOKEN = re.compile("[!-~]+")


def is_repository(name: str) -> bool:
    """Whether a name can be one on the hub: `org/name`, or `name` for some old models."""
    return bool(_REPOSITORY.fullmatch(name))


def cache_folder() -> Path:
    """The folder of downloaded models. It may not exist."""
    return _path("HF_HUB_CACHE") or _path("HUGGINGFACE_HUB_CACHE") or _home() / "hub"


def endpoint() -> str:
    """The hub's address, without a slash at its end."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def is_offline() -> bool:
    """Whether the person forbids asking the hub."""
    return _is_true(os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE"))


def token() -> str | None:
    """What the person is logged in with; None when they are not, or do not want it sent unasked."""
    if _is_true(os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")):
        return None
    given = os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN") or _stored_token()
    cleaned = given.replace("\r", "").replace("\n", "").strip()
    return cleaned if _TOKEN.fullmatch(cleaned) else None  # else it would stand in the error of a bad header


def _stored_token() -> str:
    try:
        return (_path("HF_TOKEN_PATH") or _home() / "token").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _home() -> Path:
    return _path("HF_HOME") or (_path("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "huggingface"


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(os.path.expandvars(os.path.expanduser(value))) if value else None  # noqa: PTH111, pathlib's may raise


def _is_true(value: str | None) -> bool:
    return (value or "").upper() in ("1", "ON", "YES", "TRUE")
