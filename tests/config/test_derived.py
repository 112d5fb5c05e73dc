"""Derived numbers against a plain count of what mlx-lm's training loop does."""

from hypothesis import given
from hypothesis import strategies as st

from app.config.config import Config, defaults, edit
from app.config.derived import derive, iters_for_epochs


def _config(**values: object) -> Config:
    config = defaults()
    for key, value in values.items():
        config = edit(config, key, value)
    return config


@given(st.integers(1, 300), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60))
def test_counts_are_those_of_the_loop(iters: int, group: int, every: int, save: int) -> None:
    config = _config(iters=iters, grad_accumulation_steps=group, steps_per_eval=every, save_every=save)
    derived = derive(config, rows=100, valid_rows=10)
    steps = range(1, iters + 1)
    assert derived.updates == sum(it % group == 0 for it in steps)
    assert derived.thrown_away == iters - group * derived.updates
    assert derived.evaluations == sum(it == 1 or it % every == 0 or it == iters for it in steps)
    assert derived.checkpoints == sum(it % save == 0 for it in steps) + 1


def test_the_reference_calculates_so() -> None:
    derived = derive(_config(batch_size=2, iters=1600, grad_accumulation_steps=16), rows=1600, valid_rows=50)
    assert (derived.epochs, derived.iterations_per_epoch, derived.rows_never_trained) == (2.0, 800, 0)
    assert derived.effective_batch == 32
    assert iters_for_epochs(2, 1600, 2) == 1600


def test_rows_that_fill_no_batch_are_dropped_each_epoch() -> None:
    derived = derive(_config(batch_size=4, iters=25), rows=103, valid_rows=7)
    assert (derived.iterations_per_epoch, derived.rows_never_trained, derived.epochs) == (25, 3, 1.0)
    assert derived.validation_batches == 1
    assert iters_for_epochs(1, 103, 4) == 25


def test_unknown_and_too_few_rows() -> None:
    unknown = derive(defaults())
    assert (unknown.epochs, unknown.iterations_per_epoch, unknown.validation_batches) == (None, None, None)
    assert unknown.evaluations == 6
    few = derive(defaults(), rows=3, valid_rows=0)
    assert (few.epochs, few.iterations_per_epoch, few.rows_never_trained, few.evaluations) == (None, 0, 3, 0)
    assert iters_for_epochs(2, 3, 4) == 0


def test_all_validation_rows() -> None:
    assert derive(_config(val_batches=-1, batch_size=2), 10, 99).validation_batches == 49
    assert derive(_config(val_batches=25, batch_size=2), 10, 99).validation_batches == 25


@given(st.integers(1, 10**6), st.integers(1, 64), st.floats(0.01, 100))
def test_epochs_and_iterations_are_two_views(rows: int, batch: int, epochs: float) -> None:
    iters = iters_for_epochs(epochs, rows, batch)
    if iters:
        back = derive(_config(batch_size=batch, iters=iters), rows).epochs
        assert back is not None and abs(back - epochs) <= 0.5 / (rows // batch) + 1e-9
