"""What can be said of a training's memory, and that it is never the answer of another graph."""

from dataclasses import replace

import pytest

from app.memory.calibration import Calibration, Measurement
from app.memory.environment import Environment
from app.memory.estimate import Estimate, Method, Part
from app.memory.estimates import Estimates
from app.memory.estimating import estimate
from app.memory.family import Point
from app.memory.simulator.peak import CPU
from app.memory.trace_store import load_trace
from app.memory.tracing import Untraceable
from tests.memory.jobs import job, replayed, tracer  # noqa: F401

HERE = Environment("cpu", "0.32.4", "0.32.2")
PARTS = Estimate((Part("weights", 100),), 100, None, None, Method.PARTS)
MAMBA = {"intermediate_size": 96, "state_size": 4, "conv_kernel": 4, "use_bias": False, "use_conv_bias": True,
         "time_step_rank": 4, "num_hidden_layers": 1}  # fmt: skip


@pytest.fixture
def estimates() -> Estimates:
    return Estimates(HERE, Calibration(), None)


class Untouched:
    """A tracer that must not be asked."""

    def trace(self, request):
        raise AssertionError("it was traced again")


def at(training, batch, width):
    return replace(training, point=Point(batch, width))


def test_nothing_is_known_before_a_trace_and_then_every_point(tracer, estimates):  # noqa: F811
    training = job(batch=2)
    assert estimates.known(training) is estimates.load(training) is None
    assert not estimates.has(training)
    found = estimates.trace(training, tracer)
    assert found.method is Method.TRACED
    assert found.low_bytes < found.peak_bytes < found.high_bytes
    assert abs(sum(part.bytes for part in found.parts) - found.peak_bytes) < 10
    assert estimates.known(training) == found
    assert estimates.has(at(training, 5, 999))
    more = estimates.trace(at(training, 5, 97), Untouched())
    exact = replayed(training, tracer, Point(5, 97), CPU)
    assert more.peak_bytes == pytest.approx(exact, rel=0.01)
    assert more.low_bytes <= exact <= more.high_bytes
    assert estimates.known(at(training, 1, 161)) is None  # one row is another graph
    assert estimates.known(job(rank=16, batch=2)) is None


@pytest.mark.slow
def test_a_window_never_gives_the_answer_of_another_graph(tracer, estimates):  # noqa: F811
    """gemma3 builds another graph for rows of more than 64 tokens."""
    training = job("gemma3_text")
    for width in (161, 33, 65, 66, 40, 1025):
        point = Point(1, width)
        found = estimates.trace(at(training, 1, width), tracer)
        exact = replayed(training, tracer, point, CPU)
        assert found.peak_bytes == pytest.approx(exact, rel=1e-3)
    for width in (33, 48, 66, 4097):  # both graphs are known now
        found = estimates.trace(at(training, 1, width), Untouched())
        exact = replayed(training, tracer, Point(1, width), CPU)
        assert found.peak_bytes == pytest.approx(exact, rel=1e-3)


def test_where_no_curves_reach_the_point_is_wanted_again(tracer, estimates):  # noqa: F811
    training = job("gemma3_text", width=33)
    estimates.trace(training, tracer)
    assert estimates.has(at(training, 1, 50))
    assert estimates.known(at(training, 1, 161)) is None
    assert not estimates.has(at(training, 1, 161))


def test_curves_stay_when_another_point_comes_without_any(tracer, estimates):  # noqa: F811
    training = job("gemma3_text", width=33)
    estimates.trace(training, tracer)
    before = estimates.known(training)
    wide = at(training, 1, 161)
    estimates.learn(next(estimate(wide, estimates.structure(wide), tracer)))
    assert estimates.known(wide) is not None
    assert estimates.known(training) == before


@pytest.mark.slow
def test_where_every_width_is_another_graph_every_point_is_traced(tracer, estimates):  # noqa: F811
    """mamba's graph grows with each token."""
    training = job("mamba", width=33, num_layers=1, model=MAMBA)
    found = estimates.trace(training, tracer)
    assert estimates.known(training) == found
    assert not estimates.has(at(training, 1, 40))
    other = estimates.trace(at(training, 1, 40), tracer)
    assert other.peak_bytes == replayed(training, tracer, Point(1, 40), CPU) > found.peak_bytes


def test_who_does_not_wait_for_curves_has_the_point(tracer, estimates):  # noqa: F811
    training = job(rank=2)
    found = estimates.trace(training, tracer, with_curves=False)
    assert found == estimates.known(training)
    assert estimates.known(at(training, 1, 300)) is None
    assert estimates.has(at(training, 1, 300))  # its curves may still come


def test_a_structure_is_traced_once_for_all_starts(tracer, tmp_path):  # noqa: F811
    training = job(batch=3, width=97)
    first = Estimates(HERE, Calibration(), tmp_path)
    found = first.trace(training, tracer)
    assert Estimates(HERE, Calibration(), tmp_path).trace(training, Untouched()) == found
    second = Estimates(HERE, Calibration(), tmp_path)
    assert second.known(training) is None
    assert second.load(training) == second.known(training) == found
    assert load_trace(tmp_path, first.structure(training)) is not None
    elsewhere = Estimates(replace(HERE, mlx="0.33"), Calibration(), tmp_path)
    assert elsewhere.load(training) is None


def test_what_cannot_be_traced_leaves_all_as_it_was(tracer, estimates):  # noqa: F811
    training = job("no such architecture")
    with pytest.raises(Untraceable):
        estimates.trace(training, tracer)
    assert estimates.known(training) is None
    assert not estimates.has(training)


def test_a_neighbour_answers_at_once_but_never_less_than_is_certain(tracer, estimates):  # noqa: F811
    training, neighbour = job(), job(rank=16)
    assert estimates.like(neighbour, PARTS) is None
    found = estimates.trace(training, tracer)
    like = estimates.like(neighbour, PARTS)
    assert (like.peak_bytes, like.method) == (found.peak_bytes, Method.NEIGHBOUR)
    assert (like.low_bytes, like.high_bytes, like.parts) == (100, None, PARTS.parts)
    much = replace(PARTS, low_bytes=10**12)
    assert estimates.like(neighbour, much).peak_bytes == 10**12
    assert estimates.like(job("qwen3"), PARTS) is None


def test_validation_with_longer_rows_counts(tracer, estimates):  # noqa: F811
    training = job(batch=2, width=33, grad_checkpoint=True)
    estimates.trace(training, tracer)
    short, long = (replace(training, validation=Point(2, width)) for width in (33, 2049))
    assert estimates.known(short).phase == "update"
    assert estimates.known(long).phase == "validate"
    assert estimates.uncorrected(long) == estimates.known(long).peak_bytes > estimates.known(short).peak_bytes


def test_what_was_measured_here_corrects_the_estimate(tracer):  # noqa: F811
    training = job()
    plain = Estimates(HERE, Calibration(), None)
    before = plain.trace(training, tracer)
    structure, bytes = plain.structure(training), plain.uncorrected(training)
    probe = Measurement("cpu", HERE.predictor, structure, bytes, int(bytes * 1.2), batch=1, width=161, when=1.0)
    corrected = Estimates(HERE, Calibration((probe,)), None)
    found = corrected.trace(training, tracer)
    assert found.method is Method.PROBED
    assert found.peak_bytes == pytest.approx(1.2 * before.peak_bytes, rel=1e-6)
    assert corrected.uncorrected(training) == bytes
    assert abs(sum(part.bytes for part in found.parts) - found.peak_bytes) < 10
    assert found.parts[0] == before.parts[0]
