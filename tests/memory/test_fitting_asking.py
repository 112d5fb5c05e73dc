"""How often a search has a real model traced, and that what it gets goes up where it must."""

from dataclasses import replace
from functools import reduce
from itertools import pairwise
from pathlib import Path

import pytest

from app.config.config import RANK, defaults, edit, native
from app.memory.calibration import Calibration
from app.memory.environment import environment
from app.memory.estimates import Estimates
from app.memory.family import Point
from app.memory.fitting_asking import Asking
from app.memory.job import Job, job_of
from app.memory.tracing import Tracer
from app.models.cache import find_model
from tests.tiny import tiny  # noqa: F401


@pytest.fixture(scope="module")
def tracer():
    tracer = Tracer()
    yield tracer
    tracer.close()


@pytest.fixture
def asking(tracer) -> Asking:
    return Asking(Estimates(environment(), Calibration(), None), tracer)


@pytest.fixture
def job(tiny: Path) -> Job:  # noqa: F811
    facts = find_model(str(tiny / "model"), Path.cwd())
    return with_values(job_of(facts, {}, Point(2, 65), trusts_remote_code=False), num_layers=2)


def with_values(job: Job, **values: object) -> Job:
    changes = ((RANK if key == "rank" else key, value) for key, value in values.items())
    return replace(job, config=native(reduce(lambda config, change: edit(config, *change), changes, defaults())))


def at(job: Job, batch: int, width: int) -> Job:
    return replace(job, point=Point(batch, width))


@pytest.mark.slow
def test_a_point_is_one_trace_and_a_second_brings_all_others(tracer, job):
    traced: list[Point] = []

    class Counted(Tracer):
        def trace(self, request):
            traced.append(Point(request.batch, request.width))
            return tracer.trace(request)

    estimates = Estimates(environment(), Calibration(), None)
    asking = Asking(estimates, Counted())
    first = asking.estimate(job)
    assert traced == [job.point] and asking.estimate(job) == first
    asking.estimate(at(job, 2, 97))
    count = len(traced)
    assert count > 2
    for batch, width in ((2, 129), (3, 65), (9, 1025)):
        asking.estimate(at(job, batch, width))
    assert len(traced) == count
    alone = Asking(Estimates(environment(), Calibration(), None), tracer).estimate(job)
    assert (first.peak_bytes, first.low_bytes, first.high_bytes) == (
        alone.peak_bytes, alone.low_bytes, alone.high_bytes,
    )  # fmt: skip
    assert first.peak_bytes == pytest.approx(estimates.known(job).peak_bytes, rel=0.001)


def test_wider_rows_in_validation_are_heeded_with_curves_and_without(tracer, job):
    narrow = at(with_values(job, num_layers=1), 2, 65)
    wide = replace(narrow, validation=Point(2, 1025))
    traced = Asking(Estimates(environment(), Calibration(), None), tracer)
    estimates = Estimates(environment(), Calibration(), None)
    estimates.trace(narrow, tracer)
    by_itself, on_curves = traced.estimate(wide), estimates.known(wide)
    assert by_itself.phase == on_curves.phase == "validate"
    assert by_itself.peak_bytes == pytest.approx(on_curves.peak_bytes, rel=0.01)
    assert by_itself.peak_bytes > 2 * estimates.known(narrow).peak_bytes


def test_a_point_known_by_itself_says_nothing_of_wider_rows_in_validation(tracer, job):
    estimates = Estimates(environment(), Calibration(), None)
    estimates.trace(job, tracer, with_curves=False)
    assert estimates.known(job) and estimates.known(replace(job, validation=Point(2, 33)))
    assert estimates.known(replace(job, validation=Point(2, 1025))) is None


def test_what_is_raised_before_a_trace_ends_the_search(tracer, job):
    def give_up(_: Job) -> None:
        raise KeyError("given up")

    with pytest.raises(KeyError):
        Asking(Estimates(environment(), Calibration(), None), tracer, give_up).estimate(job)


def test_more_rows_tokens_layers_and_ranks_take_more(asking, job):
    def peaks(*jobs: Job) -> list[int]:
        return [asking.estimate(each).peak_bytes for each in jobs]

    for ladder in (
        peaks(*(at(job, 2, width) for width in range(64, 2049, 32))),
        peaks(*(at(job, batch, 65) for batch in range(1, 33))),
        peaks(*(with_values(job, num_layers=layers) for layers in (1, 2))),
        peaks(*(with_values(job, num_layers=2, rank=rank) for rank in (1, 8, 64))),
    ):
        assert all(less <= more for less, more in pairwise(ladder))
