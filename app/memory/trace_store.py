"""Traces on disk, one file a structure: a structure is traced once on a machine, until MLX changes."""

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.memory.curves import Curves, Position
from app.memory.estimating import Peak, Traced
from app.memory.family import Point
from app.wire.files import read_json, write_json

_FORMAT = 5
"""Raised when tracer or simulator change what they say."""


def trace_folder() -> Path:
    """Where the traces of this user are kept."""
    from platformdirs import user_cache_dir  # 6 ms that the app's first paint need not wait for

    return Path(user_cache_dir("tunedeck", appauthor=False)) / "traces"


def load_trace(folder: Path, structure: str) -> Traced | None:
    """None when there is none, or it is damaged or of another version."""
    fields = read_json(_file(folder, structure))
    if fields is None or fields.pop("format", None) != _FORMAT:
        return None
    try:
        return traced_of(fields)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def save_trace(folder: Path, traced: Traced) -> None:
    """With the curves that are kept already. Silent when the folder cannot be written: it is asked for again then."""
    whole = traced.after(load_trace(folder, traced.structure))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(_file(folder, traced.structure), {"format": _FORMAT} | asdict(whole))


def traced_of(fields: dict[str, Any]) -> Traced:
    """From JSON. Raises AttributeError, KeyError, TypeError or ValueError."""
    peak = fields["peak"]
    return Traced(
        fields["structure"],
        Peak(**peak | {"point": Point(**peak["point"])}),
        tuple(fields["unknown"]),
        Point(**fields["validated"]) if fields["validated"] else None,
        tuple(map(_curves_of, fields["curves"])),
        bool(fields["is_alone"]),
    )


def _curves_of(fields: dict[str, Any]) -> Curves:
    positions = (
        Position(each["phase"], {name: tuple(map(float, six)) for name, six in each["holders"].items()})
        for each in fields["positions"]
    )
    return Curves(tuple(positions), fields["single"], fields["narrowest"], fields["widest"], tuple(fields["shares"]))


def _file(folder: Path, structure: str) -> Path:
    return folder / f"{structure}.json"
