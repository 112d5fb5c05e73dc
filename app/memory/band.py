"""From a traced peak to an estimate with an error band, and the word on where the band comes from."""

from app.memory.calibration import Correction
from app.memory.estimate import Estimate, Method, parts_of
from app.memory.estimating import Peak
from app.memory.holders import ACCUMULATOR, ADAPTER, OPTIMIZER, WEIGHTS

CPU = (0.98, 1.03)
"""Shares of the simulated peak: `python -m bench memory` measures the CPU backend within these."""
CUDA = (0.95, 1.15)
"""Of a peak simulated with an empty and with a full queue of kernels: how far a GPU lags is not known before, and
changes from run to run. All rows measured on one H200 lie between the two, and 11 % at most from the answer for a queue
half full (`python -m bench memory_gpu`). What is added is our choice, for kernels' own copies are not modelled: CUDA
unpacks 4-bit weights into some."""
METAL = (0.9, 1.25)
"""The same, by command buffers as read in MLX's source: no Mac was ever measured, so more is added."""
UNKNOWN = 0.1
"""What a primitive without a rule adds to either side."""
_EXACT = (WEIGHTS, ADAPTER, OPTIMIZER, ACCUMULATOR)


def estimate_of(peak: Peak, backend: str, unknown: tuple[str, ...], correction: Correction | None) -> Estimate:
    """The peak as an estimate for this machine. A `correction` is what a probe measured here."""
    low, high = {"cpu": CPU, "cuda": CUDA}.get(backend, METAL)
    origin = f"{backend} backend"
    if backend != "cpu":
        origin += ", from an empty to a full queue of kernels: a probe narrows it"
    middle = 1.0
    if correction is not None:
        low, middle, high, origin = correction.low_ratio, correction.ratio, correction.high_ratio, correction.origin
    if unknown:
        low, high = low - UNKNOWN, high + UNKNOWN
        origin += f"; no rule for {', '.join(unknown)}"
    return Estimate(
        parts_of(_corrected(peak, middle)),
        round(peak.low * low),
        round(peak.bytes * middle),
        round(peak.high * high),
        Method.PROBED if correction else Method.TRACED,
        peak.phase,
        origin,
    )


def _corrected(peak: Peak, ratio: float) -> dict[str, int]:
    """What is counted exactly stays: the correction is of the rest."""
    exact = sum(peak.parts.get(name, 0) for name in _EXACT)
    rest = sum(peak.parts.values()) - exact
    scale = max(0.0, peak.bytes * ratio - exact) / rest if rest else 1.0
    return {name: size if name in _EXACT else round(size * scale) for name, size in peak.parts.items()}
