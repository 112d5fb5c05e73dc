"""From a traced peak to an estimate with an error band, and the word on where the band comes from."""

from app.memory.calibration import Correction
from app.memory.estimate import Estimate, Method, parts_of
from app.memory.estimating import Peak
from app.memory.holders import ACCUMULATOR, ADAPTER, OPTIMIZER, WEIGHTS

CPU = (0.98, 1.03)
"""Shares of the simulated peak: `python -m bench memory` measures the CPU backend within these."""
GPU = (0.62, 1.75)
"""Of a step simulated for a GPU: its kernels' own copies are not modelled, and how far it runs ahead was only read in
MLX's source. The rows measured on one CUDA GPU lie within (`python -m bench memory_gpu`); no Mac was ever measured."""
UNKNOWN = 0.1
"""What a primitive without a rule adds to either side."""
_EXACT = (WEIGHTS, ADAPTER, OPTIMIZER, ACCUMULATOR)


def estimate_of(peak: Peak, backend: str, unknown: tuple[str, ...], correction: Correction | None) -> Estimate:
    """The peak as an estimate for this machine. A `correction` is what a probe measured here."""
    low, high = CPU if backend == "cpu" else GPU
    origin = f"{backend} backend" if backend == "cpu" else f"{backend} backend, never measured: a probe narrows it"
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
