"""What probes have found on this machine, and by how much estimates are corrected for it.

A ratio is a measured peak over the predicted one. Ratios multiply, so a band reaches as far below as above by factor.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

from app.wire.files import read_json, write_json
from app.wire.folder_lock import FolderBusy, lock_folder

_FILE = "calibration.json"
_KEPT = 500
"""Measurements in the file; the oldest go first."""
_MOST = 2**60
"""Bytes that are still believed of a file."""
_NOISE = {"cpu": 1.01}
_NOISE_OF_GPU = 1.03
"""Between two runs of one step: about 1 % on a CPU; SmolLM3-3B peaked at 7.83 and 8.03 GB on one H200."""
_OTHER_STEP = 1.02
"""The least between steps that differ, in shape or in structure: our choice, twice the noise of a CPU."""
_ENOUGH = 3
"""Measurements of other structures whose spread says something: with fewer, the estimate as made stays in the band."""


@dataclass(frozen=True)
class Measurement:
    """One probe. `structure` is whatever tells its estimate's tape from others, apart from batch and width."""

    backend: str
    mlx_version: str
    structure: str
    predicted_bytes: int
    measured_bytes: int
    batch: int
    width: int
    when: float
    """Seconds since the Unix epoch."""
    died: bool = False
    """Whether it died of memory: then `measured_bytes` is what it had reached, and the peak is more."""

    @property
    def ratio(self) -> float:
        return self.measured_bytes / self.predicted_bytes


@dataclass(frozen=True)
class Correction:
    """Factors for an estimate's peak; `low_ratio` <= `ratio` <= `high_ratio`."""

    low_ratio: float
    ratio: float
    high_ratio: float
    origin: str
    """What was measured, in a few words."""


@dataclass(frozen=True)
class Calibration:
    """All measurements that are kept, the oldest first."""

    measurements: tuple[Measurement, ...] = ()

    def factor(
        self, structure: str, backend: str, mlx_version: str, batch: int | None = None, width: int | None = None
    ) -> Correction | None:
        """For an estimate of this structure: the nearest that was measured with this backend and version of MLX.

        That is the very step, if its batch and width are given; else others of its structure; else others. None where
        nothing was. A probe of this structure that died can only raise what others say.
        """
        noise = _NOISE.get(backend, _NOISE_OF_GPU)
        least = max(noise, _OTHER_STEP)
        known = [m for m in self.measurements if (m.backend, m.mlx_version) == (backend, mlx_version)]
        same = [m for m in known if m.structure == structure]
        step = [m for m in same if (m.batch, m.width) == (batch, width)]
        found = (
            _corrected(step, noise, "this very step measured here")
            or _corrected(same, least, "its structure measured here")
            or _corrected(known, least, "other structures measured here", is_same=False)
        )
        return _raised(found, max((m.ratio for m in same if m.died), default=0.0), least)


def _corrected(
    measurements: Iterable[Measurement], least: float, origin: str, *, is_same: bool = True
) -> Correction | None:
    """The median of the ratios in a band that holds them all, and reaches by a factor of `least` at least."""
    ratios = [m.ratio for m in measurements if not m.died]
    if not ratios:
        return None
    middle = median(ratios)
    uncorrected = [] if is_same or len(ratios) >= _ENOUGH else [1.0]
    reach = max(least, *(max(ratio / middle, middle / ratio) for ratio in [*ratios, *uncorrected]))
    times = "once" if len(ratios) == 1 else f"{len(ratios)} times"
    return Correction(middle / reach, middle, middle * reach, f"{origin}, {times}")


def _raised(found: Correction | None, floor: float, least: float) -> Correction | None:
    """What the steps say that died: the ratio is more than `floor`, how much more they do not."""
    if floor <= (found.ratio if found else 1.0):
        return found
    origin = f"a probe died here at {floor:.2f} of the estimate"
    if found is None:
        return Correction(floor, floor, floor * max(least, floor), origin)
    return Correction(found.low_ratio, floor, floor * found.high_ratio / found.ratio, f"{found.origin}; {origin}")


def read_calibration(folder: Path) -> Calibration:
    """What is kept in a folder; nothing when the file is missing or damaged, and without the entries that are."""
    try:
        entries = (read_json(folder / _FILE) or {}).get("measurements")
    except RecursionError:  # absurd nesting
        entries = None
    found = map(_measurement, entries if isinstance(entries, list) else ())
    return Calibration(tuple(m for m in found if m))


def keep(folder: Path, measurement: Measurement) -> Calibration:
    """Add one to what is kept, and return all. What cannot be written holds until the app ends.

    Two apps that do so at once take turns.
    """
    lock = None
    calibration = _with(measurement, folder)
    with suppress(OSError, FolderBusy):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = lock_folder(folder)
            calibration = _with(measurement, folder)
            write_json(folder / _FILE, {"measurements": [asdict(m) for m in calibration.measurements]})
        finally:
            if lock is not None:
                os.close(lock)
    return calibration


def _with(measurement: Measurement, folder: Path) -> Calibration:
    return Calibration((*read_calibration(folder).measurements, measurement)[-_KEPT:])


def _measurement(entry: Any) -> Measurement | None:
    types = {field.name: field.type for field in fields(Measurement)}
    if not isinstance(entry, dict) or entry.keys() != types.keys():
        return None
    sound = all(type(entry[name]) is kind for name, kind in types.items())
    sizes = (entry["predicted_bytes"], entry["measured_bytes"])
    return Measurement(**entry) if sound and all(0 < size < _MOST for size in sizes) else None
