"""In what the configurations of runs differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.wire.files import read_json
from app.wire.run_folder import RunFolder

STARTED_IN = "started in"
"""Where relative paths begin: the same `data` of two places is not the same data."""

_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """A key, with a dot before each name within, and its value in each run; "–" where a run has no such key."""

    key: str
    values: tuple[str, ...]


def differences(runs: Sequence[RunFolder]) -> list[Difference]:
    """What is not the same in all of them, as it was trained, in the order of the first one's keys."""
    configs = [_flat(read_json(run.resolved) or {}) for run in runs]
    for config, run in zip(configs, runs, strict=True):
        config[STARTED_IN] = (read_json(run.manifest) or {}).get("start_directory")
    keys = dict.fromkeys(key for config in configs for key in config)
    rows = [(key, [config.get(key, _ABSENT) for config in configs]) for key in keys]
    return [
        Difference(key, tuple(map(_words, values)))
        for key, values in rows
        if any(type(value) is not type(values[0]) or value != values[0] for value in values[1:])
    ]


def _flat(config: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = value
    return flat


def _words(value: Any) -> str:
    match value:
        case _ if value is _ABSENT:
            return "–"
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case list():
            return "[" + ", ".join(map(_words, value)) + "]"
    return str(value)
