"""What probes teach the estimates: the maths of it, and the file."""

import json
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.calibration import Calibration, Measurement, keep, read_calibration

ONE = Measurement("cpu", "0.32.4", "llama", 1_000_000_000, 1_050_000_000, batch=1, width=129, when=1.0)
WHERE = ("llama", "cpu", "0.32.4")


def measured(ratio: float, **changes) -> Measurement:
    return replace(ONE, measured_bytes=int(ONE.predicted_bytes * ratio), **changes)


def factor(*measurements, at=(1, 129)):
    return Calibration(measurements).factor(*WHERE, *at)


RATIOS = st.floats(0.5, 2.0)
OF_ANY_STEP = st.builds(
    measured,
    RATIOS,
    structure=st.sampled_from(["llama", "qwen"]),
    width=st.sampled_from([129, 257]),
    died=st.booleans(),
)


def test_nothing_measured_corrects_nothing():
    assert factor() is None
    assert factor(measured(1.1, backend="metal"), measured(1.1, mlx_version="0.31")) is None


def test_the_very_step_has_the_narrowest_band_and_says_so():
    found = factor(measured(1.05), measured(1.2, width=257), measured(0.8, structure="qwen"))
    assert found.ratio == pytest.approx(1.05)
    assert found.high_ratio == pytest.approx(1.05 * 1.01)
    assert found.low_ratio == pytest.approx(1.05 / 1.01)
    assert found.origin == "this very step measured here, once"


def test_a_gpu_is_noisier():
    found = Calibration((measured(1.0, backend="cuda"),)).factor("llama", "cuda", "0.32.4", 1, 129)
    assert found.high_ratio == pytest.approx(1.03)


def test_another_step_of_its_structure_is_next():
    found = factor(measured(1.05), measured(1.06), measured(1.5, structure="qwen"), at=(4, 513))
    assert found.ratio == pytest.approx(1.055)
    assert found.high_ratio == pytest.approx(1.055 * 1.02)
    assert found.origin == "its structure measured here, 2 times"


def test_a_single_other_structure_does_not_take_the_estimate_out_of_the_band():
    found = factor(measured(1.2, structure="qwen"))
    assert (found.low_ratio, found.ratio, found.high_ratio) == pytest.approx((1.0, 1.2, 1.44))


def test_enough_other_structures_do():
    found = factor(*(measured(ratio, structure="qwen") for ratio in (1.19, 1.2, 1.21)))
    assert found.low_ratio == pytest.approx(1.2 / 1.02)
    assert found.high_ratio == pytest.approx(1.2 * 1.02)


def test_one_that_died_above_its_estimate_raises_it():
    alone = factor(measured(1.3, died=True))
    assert (alone.low_ratio, alone.ratio) == pytest.approx((1.3, 1.3))
    assert alone.high_ratio == pytest.approx(1.69)
    among = factor(measured(1.3, died=True), *(measured(1.0, structure="qwen") for _ in range(3)))
    assert among.ratio == pytest.approx(1.3)
    assert among.high_ratio == pytest.approx(1.3 * 1.02)
    assert "died here at 1.30 of the estimate" in among.origin


def test_one_that_died_below_its_estimate_tells_nothing_of_it():
    assert factor(measured(0.6, died=True)) is None
    assert factor(measured(1.05), measured(0.6, died=True)) == factor(measured(1.05))


@given(st.lists(OF_ANY_STEP, max_size=8))
def test_a_band_holds_its_ratio_and_is_never_narrower_than_noise(measurements):
    found = factor(*measurements)
    if found:
        assert found.low_ratio <= found.ratio <= found.high_ratio
        assert found.high_ratio / found.ratio >= 1.01 - 1e-9
        assert found == factor(*measurements)


@given(st.lists(OF_ANY_STEP, max_size=8), st.randoms())
def test_the_order_of_probes_does_not_matter(measurements, order):
    shuffled = list(measurements)
    order.shuffle(shuffled)
    assert factor(*measurements) == factor(*shuffled)


@given(st.lists(RATIOS, min_size=1, max_size=8), st.sampled_from(["llama", "qwen"]))
def test_the_band_holds_every_measured_peak(ratios, structure):
    found = factor(*(measured(ratio, structure=structure) for ratio in ratios))
    assert found.low_ratio <= min(ratios) + 1e-6
    assert found.high_ratio >= max(ratios) - 1e-6


@given(st.lists(OF_ANY_STEP, max_size=8))
def test_no_estimate_stays_below_what_a_probe_of_it_reached(measurements):
    reached = [m.ratio for m in measurements if m.structure == "llama" and m.died]
    found = factor(*measurements)
    assert (found.ratio if found else 1.0) >= max(reached, default=0.0) - 1e-9


@given(st.lists(OF_ANY_STEP, max_size=8), RATIOS)
def test_a_probe_of_the_step_settles_it_within_two_noises(measurements, ratio):
    others = [m for m in measurements if m.width != ONE.width and not m.died]
    found = factor(*others, measured(ratio))
    assert found.high_ratio / found.low_ratio == pytest.approx(1.01**2)


def test_what_is_kept_is_read_again(tmp_path):
    folder = tmp_path / "state" / "tunedeck"
    assert read_calibration(folder) == Calibration()
    keep(folder, ONE)
    kept = keep(folder, measured(1.3, died=True))
    assert kept.measurements == (ONE, measured(1.3, died=True))
    assert read_calibration(folder) == kept
    assert [path.name for path in folder.iterdir()] == ["calibration.json"]


def test_several_at_once_take_turns(tmp_path):
    threads = [threading.Thread(target=keep, args=(tmp_path, replace(ONE, width=width))) for width in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {m.width for m in read_calibration(tmp_path).measurements} == set(range(2, 10))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"measurements": 1}', b'{"measurements": [1, {}]}', b"[" * 100_000]
)
def test_a_damaged_file_is_no_calibration_and_is_replaced(tmp_path, content):
    (tmp_path / "calibration.json").write_bytes(content)
    assert read_calibration(tmp_path) == Calibration()
    keep(tmp_path, ONE)
    assert read_calibration(tmp_path).measurements == (ONE,)


@pytest.mark.parametrize(
    "change", [{"predicted_bytes": 0}, {"measured_bytes": -1}, {"width": "129"}, {"measured_bytes": 10**400}, {"x": 1}]
)
def test_a_damaged_entry_is_left_out(tmp_path, change):
    keep(tmp_path, ONE)
    file = tmp_path / "calibration.json"
    entries = json.loads(file.read_text())["measurements"]
    file.write_text(json.dumps({"measurements": [entries[0] | change, *entries]}))
    assert read_calibration(tmp_path).measurements == (ONE,)


def test_what_cannot_be_written_still_holds(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert keep(tmp_path / "file", ONE).measurements == (ONE,)
