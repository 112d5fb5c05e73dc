"""Traces on disk: as they were, or not at all."""

import json
from dataclasses import replace

import pytest

from app.memory.curves import Curves, Position
from app.memory.estimating import Peak, Traced
from app.memory.family import Point
from app.memory.trace_store import load_trace, save_trace

PEAK = Peak(Point(2, 161), 90, 100, 120, "update", {"weights": 60, "MLP": 40})
POSITIONS = (Position("update", {"weights": (60.0, *[0.0] * 5), "MLP": (0.0, 0.25, 0.0, 1.5, 0.0, 0.125)}),)
NARROW = Curves(POSITIONS, False, 33, 321, (0.9, 1.0, 1.2))
WIDE = replace(NARROW, narrowest=161, widest=131_073)
TRACED = Traced("abc", PEAK, ("Fft",), Point(2, 321), (NARROW,))


def test_what_is_kept_comes_back_whole(tmp_path):
    save_trace(tmp_path / "new" / "folder", TRACED)
    assert load_trace(tmp_path / "new" / "folder", "abc") == TRACED
    assert load_trace(tmp_path / "new" / "folder", "abd") is None
    alone = replace(TRACED, structure="alone", unknown=(), curves=())
    save_trace(tmp_path, alone)
    assert load_trace(tmp_path, "alone") == alone


def test_curves_of_another_graph_stay(tmp_path):
    save_trace(tmp_path, TRACED)
    save_trace(tmp_path, replace(TRACED, curves=(WIDE,)))
    assert load_trace(tmp_path, "abc").curves == (WIDE, NARROW)
    save_trace(tmp_path, replace(TRACED, curves=()))
    assert load_trace(tmp_path, "abc").curves == (WIDE, NARROW)
    both = replace(NARROW, widest=200_000)
    save_trace(tmp_path, replace(TRACED, curves=(both,)))
    assert load_trace(tmp_path, "abc").curves == (both,)


def test_they_do_not_become_more_and_more(tmp_path):
    for width in range(100, 200, 5):
        save_trace(tmp_path, replace(TRACED, curves=(replace(NARROW, narrowest=width, widest=width + 1),)))
    curves = load_trace(tmp_path, "abc").curves
    assert len(curves) == 8
    assert curves[0].narrowest == 195


@pytest.mark.parametrize("changes", [
    {"format": 0}, {"format": None}, {"peak": None}, {"peak": {}}, {"peak": []}, {"curves": 5}, {"curves": [1]},
    {"curves": [{"positions": [{"phase": "update", "holders": [1]}]}]}, {"unknown": None}, {"structure": ...},
])  # fmt: skip
def test_a_damaged_file_is_none(tmp_path, changes):
    save_trace(tmp_path, TRACED)
    (file,) = tmp_path.iterdir()
    fields = {key: value for key, value in (json.loads(file.read_text()) | changes).items() if value is not ...}
    file.write_text(json.dumps(fields))
    assert load_trace(tmp_path, "abc") is None
    save_trace(tmp_path, TRACED)
    assert load_trace(tmp_path, "abc") == TRACED


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\x00"])
def test_so_is_one_that_is_torn(tmp_path, content):
    save_trace(tmp_path, TRACED)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert load_trace(tmp_path, "abc") is None


def test_a_folder_that_cannot_be_written_is_borne(tmp_path):
    (tmp_path / "file").write_text("")
    save_trace(tmp_path / "file" / "folder", TRACED)
    assert load_trace(tmp_path / "file" / "folder", "abc") is None
