"""From a peak to an estimate: how far the truth may lie from it, and why."""

from hypothesis import given
from hypothesis import strategies as st

from app.memory.band import CPU, CUDA, METAL, UNKNOWN, estimate_of
from app.memory.calibration import Correction
from app.memory.estimate import Method, Part
from app.memory.estimating import Peak
from app.memory.family import Point

PEAK = Peak(Point(1, 129), 950, 1000, 1100, "update", {"weights": 600, "optimizer": 50, "MLP": 250, "rest": 100})
PROBED = Correction(1.1, 1.2, 1.3, "this very step measured here, once")
KNOWN = ("cpu", (), None)


def test_on_the_processor_the_band_is_what_was_measured():
    found = estimate_of(PEAK, *KNOWN)
    assert (found.low_bytes, found.peak_bytes, found.high_bytes) == (round(950 * CPU[0]), 1000, round(1100 * CPU[1]))
    assert found.parts == tuple(Part(*part) for part in PEAK.parts.items())
    assert (found.method, found.phase, found.origin) == (Method.TRACED, "update", "cpu backend")


def test_on_a_gpu_it_is_wider_and_says_that_a_probe_narrows_it():
    for backend, (low, high) in (("cuda", CUDA), ("metal", METAL)):
        found = estimate_of(PEAK, backend, (), None)
        assert (found.low_bytes, found.high_bytes) == (round(950 * low), round(1100 * high))
        assert backend in found.origin
        assert "a probe narrows it" in found.origin


def test_what_a_probe_measured_takes_the_place_of_the_band():
    found = estimate_of(PEAK, "cuda", (), PROBED)
    assert (found.low_bytes, found.peak_bytes, found.high_bytes) == (1045, 1200, 1430)
    assert found.method is Method.PROBED
    assert found.origin == PROBED.origin


def test_a_correction_is_of_what_is_not_counted_exactly():
    parts = {part.name: part.bytes for part in estimate_of(PEAK, "cuda", (), PROBED).parts}
    assert parts == {"weights": 600, "optimizer": 50, "MLP": 393, "rest": 157}
    less = estimate_of(PEAK, "cuda", (), Correction(0.4, 0.5, 0.6, "")).parts
    assert [part.name for part in less] == ["weights", "optimizer"]


def test_a_primitive_without_a_rule_is_named_and_widens_it():
    found = estimate_of(PEAK, "cpu", ("Eigh", "Fft"), None)
    assert found.low_bytes == round(950 * (CPU[0] - UNKNOWN))
    assert found.high_bytes == round(1100 * (CPU[1] + UNKNOWN))
    assert found.origin.endswith("no rule for Eigh, Fft")


RATIOS = st.lists(st.floats(0.5, 2), min_size=3, max_size=3).map(sorted)
SIZES = st.lists(st.integers(1, 10**11), min_size=3, max_size=3).map(sorted)


@given(SIZES, st.sampled_from(["cpu", "metal", "cuda"]), st.booleans(), st.none() | RATIOS)
def test_the_band_holds_the_peak(sizes, backend, is_unknown, ratios):
    correction = Correction(*ratios, "measured") if ratios else None
    peak = Peak(Point(1, 33), *sizes, "update", {"weights": sizes[1]})
    found = estimate_of(peak, backend, ("Fft",) if is_unknown else (), correction)
    assert 0 <= found.low_bytes <= found.peak_bytes <= found.high_bytes
