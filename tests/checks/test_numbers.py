"""What the numbers alone say, on every keystroke."""

from dataclasses import replace

from app.checks.numbers import number_findings
from app.config.config import defaults, edit
from app.config.derived import derive
from app.data.rows import RowCounts


def found(rows=None, **values):
    config = defaults()
    for key, value in {"train": True, **values}.items():
        config = edit(config, key, value)
    rows = rows or RowCounts()
    return [(f.level, f.key) for f in number_findings(config, derive(config, rows.train, rows.valid), rows)]


def test_mlx_lms_defaults_are_sound():
    assert found() == [] == found(RowCounts(train=100, valid=10))


def test_iterations_that_make_no_update_are_an_error():
    assert found(iters=15, grad_accumulation_steps=16) == [("error", "iters")]
    assert found(iters=16, grad_accumulation_steps=16) == []


def test_iterations_behind_the_last_update_are_noted():
    assert found(iters=20, grad_accumulation_steps=16) == [("note", "iters")]


def test_fewer_rows_than_a_batch_are_an_error_once_they_are_known():
    assert found(RowCounts(train=100, valid=3)) == [("error", "batch_size")]
    assert found(RowCounts(train=100, valid=None)) == []


def test_a_rate_that_a_schedule_overrides_is_noted():
    schedule = {"name": "cosine_decay", "arguments": [1e-4, 100]}
    assert found(lr_schedule=schedule) == []
    assert found(lr_schedule=schedule, learning_rate=1e-4) == [("note", "learning_rate")]


def test_nothing_is_said_of_a_run_that_does_not_train():
    config = replace(defaults(), values={**defaults().values, "iters": 1, "grad_accumulation_steps": 2})
    assert not [f for f in number_findings(config, derive(config), RowCounts()) if f.level == "error"]
