"""`tunedeck train` and what is wrong before it begins."""

import pytest

from app.cli import train
from tests.cli.memory_files import file, kept, rewrite, run  # noqa: F401
from tests.tiny import tiny  # noqa: F401


@pytest.fixture
def runs_dir(tmp_path):
    return tmp_path / "runs"


def test_every_error_is_named_and_none_starts_a_run(file, runs_dir, capsys):  # noqa: F811
    rewrite(file, num_layers=9, batch_size=500)
    assert run(train, file, "--runs-dir", runs_dir) == 2
    *told, last = capsys.readouterr().err.splitlines()
    assert [line.rpartition("[")[2] for line in told] == ["rows-below-batch]", "layers-above-depth]"]
    assert "--in-spite-of rows-below-batch,layers-above-depth allows it" in last
    assert not runs_dir.exists()


def test_those_that_are_overridden_by_name_do_not_stand_in_the_way(file, runs_dir, capsys):  # noqa: F811
    rewrite(file, num_layers=9, batch_size=500)
    assert run(train, file, "--runs-dir", runs_dir, "--in-spite-of", "rows-below-batch") == 2
    assert "layers-above-depth" in capsys.readouterr().err
    codes = "rows-below-batch,layers-above-depth"
    assert run(train, file, "--runs-dir", runs_dir, "--in-spite-of", codes) == 1  # mlx-lm fails, as was said
    assert list(runs_dir.iterdir())


def test_a_row_that_would_break_the_run_is_found_before_it(file, runs_dir, capsys, tmp_path):  # noqa: F811
    rows = tmp_path / "rows"
    rows.mkdir()
    (rows / "train.jsonl").write_text('{"text": "some words"}\n' * 8 + '{"prompt": "a", "completion": "b"}\n')
    rewrite(file, data=str(rows))
    assert run(train, file, "--runs-dir", runs_dir) == 2
    assert "train.jsonl line 9" in capsys.readouterr().err
    assert not runs_dir.exists()
