"""A split loses no row and no byte of one, repeats itself, keeps twins together, and overwrites nothing."""

import json
import random
import time

from app.data.splitting import Split, split_rows

ROWS = [json.dumps({"text": f"row {number} é"}, ensure_ascii=False).encode() for number in range(400)]


def write(folder, rows, end=b"\n", last=b"\n"):
    folder.mkdir()
    (folder / "train.jsonl").write_bytes(end.join(rows) + last)
    return folder


def rows_of(folder):
    return {name: (folder / f"{name}.jsonl").read_bytes().splitlines() for name in ("train", "valid", "test")
            if (folder / f"{name}.jsonl").exists()}  # fmt: skip


def test_every_row_is_in_one_file_in_its_order_and_the_shares_are_exact(tmp_path):
    data = write(tmp_path / "data", ROWS, b"\r\n", b"")
    before = (data / "train.jsonl").read_bytes()
    told = split_rows(data, tmp_path / "out", 0.1, 0.05, seed=3)
    assert told == Split(tmp_path / "out", 340, 40, 20, 0, 0, False)
    found = rows_of(tmp_path / "out")
    assert {name: len(rows) for name, rows in found.items()} == {"train": 340, "valid": 40, "test": 20}
    assert sorted(row for rows in found.values() for row in rows) == sorted(ROWS)
    for rows in found.values():
        assert rows == sorted(rows, key=ROWS.index)
    assert (data / "train.jsonl").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]


def test_a_seed_draws_the_same_rows_in_any_order_and_another_others(tmp_path):
    data = write(tmp_path / "data", ROWS)
    shuffled = write(tmp_path / "shuffled", random.Random(1).sample(ROWS, len(ROWS)))
    drawn = []
    for number, (source, seed) in enumerate([(data, 0), (shuffled, 0), (data, 1)]):
        assert isinstance(split_rows(source, tmp_path / f"out{number}", 0.1, seed=seed), Split)
        drawn.append(set(rows_of(tmp_path / f"out{number}")["valid"]))
    assert drawn[0] == drawn[1] != drawn[2]


def test_rows_that_are_the_same_stay_together_and_blank_lines_go(tmp_path):
    rows = [row for row in ROWS[:50] for _ in range(4)] + [b"", b"  "] + [b" " + row + b"\t" for row in ROWS[:50]]
    told = split_rows(write(tmp_path / "data", rows), tmp_path / "out", 0.2)
    assert (told.train, told.valid, told.duplicates, told.blank) == (200, 50, 200, 2)
    found = rows_of(tmp_path / "out")
    assert not {row.strip() for row in found["train"]} & {row.strip() for row in found["valid"]}


def test_even_the_smallest_files_give_every_set_a_row(tmp_path):
    told = split_rows(write(tmp_path / "data", ROWS[:3]), tmp_path / "out", 0.01, 0.9)
    assert (told.train, told.valid, told.test) == (1, 1, 1)
    assert "too few" in split_rows(write(tmp_path / "two", ROWS[:2]), tmp_path / "other", 0.1, 0.1)
    assert not (tmp_path / "other").exists()


def test_a_test_file_beside_it_comes_along(tmp_path):
    data = write(tmp_path / "data", ROWS)
    (data / "test.jsonl").write_bytes(b"the test\n")
    assert split_rows(data, tmp_path / "out", 0.1).copied_test
    assert (tmp_path / "out" / "test.jsonl").read_bytes() == b"the test\n"
    assert "has a test.jsonl already" in split_rows(data, tmp_path / "more", 0.1, 0.1)


def test_nothing_that_stands_is_overwritten_or_left_half(tmp_path):
    data = write(tmp_path / "data", ROWS)
    (tmp_path / "out").mkdir()
    refusals = [
        (split_rows(data, tmp_path / "out", 0.1), "exists already"),
        (split_rows(data, tmp_path / "no" / "out", 0.1), "no folder"),
        (split_rows(data, tmp_path / "new", 0.6, 0.4), "leave rows to train on"),
        (split_rows(data, tmp_path / "new", 0.0), "more than 0 %"),
        (split_rows(tmp_path / "nowhere", tmp_path / "new", 0.1), "no such file"),
    ]
    (data / "valid.jsonl").write_bytes(b"")
    refusals.append((split_rows(data, tmp_path / "new", 0.1), "has a valid.jsonl already"))
    for sentence, words in refusals:
        assert words in sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]


def test_a_cancel_leaves_nothing(tmp_path):
    data = write(tmp_path / "data", ROWS * 2000)
    told = []
    start = time.monotonic()
    assert split_rows(data, tmp_path / "out", 0.1, on_progress=lambda *both: told.append(both),
                      cancelled=lambda: bool(told)) is None  # fmt: skip
    assert 0 < told[0][0] < told[0][1] and time.monotonic() - start < 30
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
