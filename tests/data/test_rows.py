"""Rows are counted as mlx-lm reads them: one a line."""

import json

from app.data.rows import CHUNK, RowCounts, count_rows


def test_counts_are_those_of_reading_the_file_line_by_line(tmp_path):
    texts = {
        "train": "".join(json.dumps({"text": "x" * length}) + "\n" for length in range(3000)),
        "valid": '{"text": "no newline at the end"}',
    }
    for split, text in texts.items():
        (tmp_path / f"{split}.jsonl").write_text(text)
    assert len(texts["train"]) > CHUNK
    assert count_rows(tmp_path) == RowCounts(train=3000, valid=1, test=None)


def test_a_folder_that_is_none_has_no_counts(tmp_path):
    assert count_rows(tmp_path / "nowhere") == RowCounts()
    (tmp_path / "file").write_text("")
    assert count_rows(tmp_path / "file") == RowCounts()


def test_counting_stops_when_asked(tmp_path):
    (tmp_path / "train.jsonl").write_text("{}\n" * 10)
    assert count_rows(tmp_path, cancelled=lambda: True) is None
