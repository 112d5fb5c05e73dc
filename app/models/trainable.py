"""Whether mlx-lm can train a model: the architectures that the installed one knows, told without importing it."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

_PARSING = Lock()
"""Models are looked for in several threads, and CPython 3.11 raises SystemError now and then when two are in
`ast.parse` at once: they share its counter of recursion (seen in 3.11.7)."""

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
        utils = package / "utils.py"
        tables = _tables(utils, utils.stat().st_mtime_ns)
        by_type, by_architecture = tables["MODEL_REMAPPING"], tables["MODEL_ARCHITECTURE_REMAPPING"]
    except (OSError, SyntaxError, ValueError, KeyError):
        return None
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


@lru_cache(maxsize=1)  # parsing it takes 30 ms, and every model that is looked at asks
def _tables(module: Path, _changed: int) -> dict[str, Any]:
    """The literal tables that a module, last changed then, assigns at its top, by name."""
    source = module.read_text(encoding="utf-8")
    with _PARSING:
        assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return {
        target.id: ast.literal_eval(node.value)
        for node in assigned
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Dict) and target.id.endswith("_REMAPPING")
    }
