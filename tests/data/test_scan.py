"""A scan finds in each file what mlx-lm makes of it, however the file is cut into pieces, and only once."""

import json
import os
import random
import signal
import time

import psutil
import pytest

from app.data import scan_file, scan_learning
from app.data.dataset import DatasetFacts
from app.data.line_ranges import lines_in, ranges
from app.data.row_format import row_format
from app.data.scan import scan
from app.data.scan_learning import learn_dataset
from tests.data.corpus import ALL, LOAD, SHARED, TAUGHT_OTHERWISE, TEXT, lines


def scan_one(path, config=None):
    return scan({"train": path}, row_format(config or {}), lambda done: None).train


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_every_odd_file_is_told_as_what_it_is(case, tmp_path):
    (tmp_path / "train.jsonl").write_bytes(case.content)
    found = scan_one(tmp_path / "train.jsonl", case.config)
    assert tuple((odd.line, odd.code) for odd in found.odd) == case.odd
    assert (found.format, bool(found.problem)) == (case.format, case.problem)
    assert case.rows is None or found.rows == case.rows
    assert found.odd_count == len(case.odd) == sum(count for _, count in found.odd_counts)
    if case.fails != LOAD:
        assert found.duplicates.first == case.repeats
        assert found.conversations == case.conversations
    assert all("\n" not in odd.words and odd.words[0].islower() and odd.words[-1] != "." for odd in found.odd)


def test_rows_of_one_file_are_found_in_another(tmp_path):
    train, valid, pairs = SHARED
    (tmp_path / "train.jsonl").write_bytes(train)
    (tmp_path / "valid.jsonl").write_bytes(valid)
    found = learn_dataset(tmp_path, {}, tmp_path / "cache")
    assert (found.valid_in_train.count, found.valid_in_train.first) == (len(pairs), pairs)
    assert found.test is None and found.test_in_train.count == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", "\n\r"])
def test_lines_are_those_of_python_however_a_file_is_cut(tmp_path, end):
    draw = random.Random(end)
    texts = ["x" * draw.choice((0, 1, 2, 7, 40)) for _ in range(60)]
    for last in ("", end, "end"):
        path = tmp_path / "lines"
        path.write_bytes((end.join(texts) + last).encode())
        expected = [line.rstrip("\n").encode() for line in path.open()]
        for about in range(1, 50):
            with path.open("rb") as file:
                pieces = list(ranges(file, path.stat().st_size, about))
                assert [line for piece in pieces for line in lines_in(file, piece, about)] == expected


def test_workers_find_what_one_process_finds(tmp_path, monkeypatch):
    """All odd rows that mlx-lm reads at all, and text, shuffled over many pieces."""
    rows = [row for case in TAUGHT_OTHERWISE for row in case.content.splitlines()] + [TEXT, b"", b"{"]
    rows += [json.dumps({"messages": [{"role": "assistant", "content": str(n)}]}).encode() for n in range(400)]
    random.Random(1).shuffle(rows)
    (tmp_path / "train.jsonl").write_bytes(rows[-1] + b"\n" + lines(*rows * 3))
    alone = scan_one(tmp_path / "train.jsonl")
    monkeypatch.setattr(scan_file, "PIECE", 5000)
    monkeypatch.setattr(scan_file, "_WORTH_WORKERS", 0)
    together = scan_one(tmp_path / "train.jsonl")
    assert len(together.places) > 10 and alone.odd_count > 40
    assert together == type(alone)(**{**vars(alone), "places": together.places})
    content = (tmp_path / "train.jsonl").read_bytes()
    for line, place in together.places:
        assert content[:place].count(b"\n") == line - 1


def test_a_row_that_is_too_long_is_told_and_not_held(tmp_path, monkeypatch):
    for module in ("line_ranges", "scan_piece"):
        monkeypatch.setattr(f"app.data.{module}.LARGEST_ROW", 1000)
    monkeypatch.setattr(scan_file, "PIECE", 100)
    (tmp_path / "train.jsonl").write_bytes(lines(TEXT, b'{"text": "' + b"x" * 5000 + b'"}', TEXT))
    found = scan_one(tmp_path / "train.jsonl")
    assert (found.rows, [(odd.line, odd.code) for odd in found.odd]) == (3, [(2, "too-long")])


# How it is learned


@pytest.fixture
def place(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").write_bytes(lines(TEXT, b"{"))
    return tmp_path


def learn(place, **options):
    return learn_dataset(place / "data", {}, place / "cache", **options)


def test_what_is_known_is_not_scanned_again_until_a_file_changes(place, monkeypatch):
    found = learn(place)
    assert isinstance(found, DatasetFacts) and found.train.odd[0].line == 2
    monkeypatch.setattr(scan_learning.sys, "executable", "false")
    assert learn(place) == found
    assert "ended with code 1" in learn_dataset(place / "data", {"text_feature": "body"}, place / "cache")
    os.utime(place / "data" / "train.jsonl")
    assert "ended with code 1" in learn(place)


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"state": {}, "facts": 1}', b"[" * 100_000])
def test_a_damaged_answer_is_no_answer(place, damage):
    found = learn(place)
    (kept,) = (place / "cache").iterdir()
    kept.write_bytes(damage)
    assert learn(place) == found


def test_one_file_may_be_asked_about(place):
    found = learn_dataset(place / "data" / "train.jsonl", {}, place / "cache")
    assert (found.train.rows, found.valid) == (2, None)


def test_what_is_not_there_is_a_sentence(place):
    (place / "data" / "train.jsonl").unlink()
    assert "has no train.jsonl" in learn(place)
    assert "No such file" in learn_dataset(place / "nowhere", {}, place / "cache")
    assert "cannot be read" in learn_dataset(place / "\x00", {}, place / "cache")
    (place / "data" / "train.jsonl").mkdir()
    assert "cannot be read" in learn(place).train.problem


def processes():
    return [each for each in psutil.Process().children(recursive=True) if "app.data" in each.cmdline()]


def test_a_cancel_leaves_no_process_and_no_answer(place):
    (place / "data" / "train.jsonl").write_bytes(lines(TEXT * 1, *[b'{"text": "' + b"x" * 90 + b'"}'] * 600_000))
    seen, told = set(), []

    def cancelled():
        seen.update(processes())
        return len(seen) > 1 and bool(told)

    assert learn(place, on_progress=lambda *bytes: told.append(bytes), cancelled=cancelled) is None
    assert told and 0 < told[0][0] <= told[0][1]
    deadline = time.monotonic() + 5
    while any(each.is_running() for each in seen) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(each.is_running() for each in seen)
    assert not (place / "cache").exists()
    killed = []

    def kill(*_):
        worker = next((each for each in processes() if "pieces" in each.cmdline()), None)
        if worker and not killed:
            os.kill(worker.pid, signal.SIGKILL)
            killed.append(worker)

    assert "ended before its time" in learn(place, on_progress=kill)
