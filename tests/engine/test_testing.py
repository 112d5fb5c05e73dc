"""A run that only tests: legal, and it writes nothing where the adapter is."""

import math

import pytest

from app.runs.listing import summarize
from app.wire.events import Started, Step, Tested
from tests.tiny import start, tiny, tiny_config, wait_for_end  # noqa: F401


@pytest.mark.slow
def test_testing_alone_finds_the_loss_that_training_and_testing_found(tiny, tmp_path):  # noqa: F811
    adapter = tmp_path / "adapter"
    both = tiny_config(tiny, adapter, test=True, test_batches=-1, learning_rate=1e-2)
    trained = _tested(wait_for_end(start(tmp_path / "runs", both)))
    before = {path.name: path.read_bytes() for path in adapter.iterdir()}

    runs = [
        start(tmp_path / "runs", both | {"train": False}),
        start(tmp_path / "runs", both | {"train": False, "adapter_path": ""}),
    ]
    alone, base = (wait_for_end(run) for run in runs)
    assert [run.outcome for run in (alone[-1], base[-1])] == ["finished", "finished"]
    # The batches come in another order, and float32 sums differ by it.
    assert _tested(alone).loss == pytest.approx(trained.loss, rel=1e-5)
    assert _tested(alone).perplexity == math.exp(_tested(alone).loss)
    assert _tested(base).loss > trained.loss + 0.05
    assert not any(isinstance(event, Step) for event in alone)
    assert [event.iters for event in alone if isinstance(event, Started)] == [0]
    assert summarize(runs[0]).state == "finished"
    assert {path.name: path.read_bytes() for path in adapter.iterdir()} == before


def _tested(told):
    (tested,) = [event for event in told if isinstance(event, Tested)]
    return tested
