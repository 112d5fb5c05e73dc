"""Whether mlx-lm can train a model: the architectures that the installed one knows, told without importing it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Not `ast.parse`: CPython 3.11 raises SystemError now and then when two threads are in it, and Textual is at actions.
_TABLE = re.compile(r"^(\w+_REMAPPING) = \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r'^\s*"([^"]+)": "([^"]+)"', re.MULTILINE)
_ARCHITECTURE = re.compile(r'^\s*\("([^"]+)", "([^"]+)"\): "([^"]+)"', re.MULTILINE)
_DEFINES_MODEL = re.compile(r"^class Model\b|^from \S+ import .*\bModel\b", re.MULTILINE)


@dataclass(frozen=True)
class Architectures:
    """What mlx-lm looks a model up by; see `mlx_lm.utils._get_classes`."""

    folder: Path
    modules: frozenset[str]
    """Names of the modules in `folder`, helpers among them."""
    by_type: Mapping[str, str]
    """Modules of the types that go by another name."""
    by_architecture: Mapping[tuple[str, str], str]
    """Modules by model_type and architecture, looked at first."""


def installed_architectures() -> Architectures | None:
    """Those of the mlx-lm beside us; None when it is not installed or is laid out in a way not known here."""
    from importlib.util import find_spec

    spec = find_spec("mlx_lm")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(spec.submodule_search_locations[0])
    try:
        modules = frozenset(path.stem for path in (package / "models").glob("*.py"))
        tables = dict(_TABLE.findall((package / "utils.py").read_text(encoding="utf-8")))
        by_type = dict(_TYPE.findall(tables["MODEL_REMAPPING"]))
        architectures = _ARCHITECTURE.findall(tables["MODEL_ARCHITECTURE_REMAPPING"])
    except (OSError, ValueError, KeyError):
        return None
    by_architecture = {(model_type, name): module for model_type, name, module in architectures}
    return Architectures(package / "models", modules, by_type, by_architecture)


def why_not(config: Mapping[str, Any], known: Architectures | None) -> str | None:
    """Why mlx-lm cannot train the model of this config.json, in one sentence; None when it can, or is not known."""
    if (file := config.get("model_file")) is not None:
        return f"The model brings code of its own ({file}), which mlx-lm runs only when you allow trust_remote_code."
    if known is None or _is_model(known, _module(config, known)):
        return None
    return (
        f"The installed mlx-lm has no model_type {config['model_type']}: choose another model, or look for a newer"
        " mlx-lm."
    )


def _module(config: Mapping[str, Any], known: Architectures) -> str:
    model_type = config["model_type"]
    architectures = config.get("architectures") or ()
    for name in [architectures] if isinstance(architectures, str) else architectures:
        if isinstance(name, str) and (model_type, name) in known.by_architecture:
            return known.by_architecture[model_type, name]
    return known.by_type.get(model_type, model_type)


def _is_model(known: Architectures, module: str) -> bool:
    if module not in known.modules:
        return False
    return bool(_DEFINES_MODEL.search((known.folder / f"{module}.py").read_text(encoding="utf-8")))
