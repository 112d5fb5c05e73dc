"""Peaks of any batch and width, told from a few traces, against traces of those very points."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.memory.estimating import Peak, Traced, estimate, queue_of
from app.memory.family import Point
from app.memory.holders import ACCUMULATOR, ADAPTER, GRADIENTS, LOGITS, MLP, OPTIMIZER, ORDER, SCORES, WEIGHTS
from app.memory.simulator.peak import CPU, CUDA, METAL, peak_bytes
from tests.memory.jobs import ONE, job, replayed, traced, tracer  # noqa: F401

PLAIN = {"grad_checkpoint": False}
CHECKPOINTED = {"grad_checkpoint": True}
FOUR_BITS = {"quantization": {"group_size": 32, "bits": 4}, "torch_dtype": "bfloat16"}
ALONE = [(1, 33), (1, 97), (1, 300), (1, 1025)]
SEVERAL = [(2, 33), (2, 200), (3, 97), (5, 609), (9, 65)]


@pytest.mark.parametrize(
    ("training", "at", "points"),
    [
        (job(**PLAIN), (1, 161), ALONE),
        pytest.param(job(**PLAIN), (2, 161), SEVERAL, marks=pytest.mark.slow),
        pytest.param(job(**PLAIN), (4, 129), SEVERAL, marks=pytest.mark.slow),
        pytest.param(job(**CHECKPOINTED), (1, 161), ALONE, marks=pytest.mark.slow),
        pytest.param(job(**CHECKPOINTED), (2, 161), SEVERAL, marks=pytest.mark.slow),
        (job(**CHECKPOINTED), (4, 129), SEVERAL),
        pytest.param(job("mixtral", **CHECKPOINTED), (1, 161), ALONE, marks=pytest.mark.slow),
        (job("mixtral", **CHECKPOINTED), (2, 161), SEVERAL),
        pytest.param(job(model=FOUR_BITS, grad_accumulation_steps=3), (2, 161), SEVERAL, marks=pytest.mark.slow),
        (job("gemma2", fine_tune_type="full", optimizer="sgd"), (4, 129), SEVERAL),
    ],
)
def test_curves_are_what_a_trace_of_the_very_point_says_to_the_byte(tracer, training, at, points):  # noqa: F811
    base = job_at(training, *at)
    known = traced(base, tracer, queue=ONE)
    for point in (base.point, *(Point(*each) for each in points)):
        found = known.at(point)
        assert found.low == found.bytes == found.high == replayed(base, tracer, point)
        assert sum(found.parts.values()) == found.bytes
        assert set(found.parts) <= set(ORDER)


def job_at(training, batch, width):
    return type(training)(**{**vars(training), "point": Point(batch, width)})


def test_the_point_comes_first_then_all_states_then_curves(tracer):  # noqa: F811
    first, whole, curved = estimate(job(batch=2), "s", tracer)
    assert (first.curves, whole.curves) == ((), ())
    peak = whole.peak
    assert peak.low <= first.peak.bytes <= peak.bytes <= peak.high <= first.peak.high
    assert curved.peak == peak
    there = curved.at(peak.point)
    assert (there.low, there.bytes, there.high) == (peak.low, peak.bytes, peak.high)
    assert whole.at(Point(3, 161)) is None
    assert curved.at(Point(1, 161)) is None
    assert sum(peak.parts.values()) == peak.bytes


def test_nobody_waits_for_curves_that_are_not_wanted_any_more(tracer):  # noqa: F811
    assert len(list(estimate(job(), "s", tracer, goes_on=lambda: False))) == 1
    goes_on = iter([True, True, False])
    found = list(estimate(job(), "s", tracer, goes_on=lambda: next(goes_on)))
    assert [each.curves for each in found] == [(), ()]


@pytest.fixture(scope="module")
def known(tracer):  # noqa: F811
    """By whether it checkpoints and whether it is of one row."""
    return {
        (checkpointed, batch == 1): traced(job(batch=batch, grad_checkpoint=checkpointed), tracer)
        for checkpointed in (False, True)
        for batch in (1, 2)
    }


WIDTHS = st.integers(33, 100_000)
BATCHES = st.integers(2, 64)


@settings(max_examples=200)
@given(st.booleans(), st.none() | BATCHES, WIDTHS, st.integers(1, 64), st.integers(0, 32))
def test_more_rows_or_wider_ones_never_need_less(known, checkpointed, batch, width, wider, more):
    curves = known[checkpointed, batch is None]
    less = curves.at(Point(batch or 1, width))
    much = curves.at(Point(batch + more if batch else 1, width + wider))
    assert less.bytes <= much.bytes
    assert less.low <= less.bytes <= less.high
    assert sum(less.parts.values()) == less.bytes
    assert min(less.parts.values()) >= 0


@settings(max_examples=50)
@given(st.booleans(), BATCHES, WIDTHS, st.integers(33, 100_000))
def test_validation_counts_at_its_own_width(known, checkpointed, batch, width, validation):
    curves = known[checkpointed, False]
    point = Point(batch, width)
    plain, apart = curves.at(point), curves.at(point, Point(batch, validation))
    if validation <= width:
        assert apart.bytes == plain.bytes  # at equal widths it never is the largest here
    else:
        assert plain.bytes <= apart.bytes <= curves.at(Point(batch, validation)).bytes


def test_rows_for_validation_alone_can_be_the_peak(known):
    peak = known[True, False].at(Point(2, 33), Point(2, 2049))
    assert peak.phase == "validate"
    assert peak.point == Point(2, 33)


@pytest.mark.parametrize("checkpointed", [False, True])
def test_more_layers_or_a_greater_rank_never_need_less(tracer, checkpointed):  # noqa: F811
    def peak(**changes):
        return next(estimate(job(grad_checkpoint=checkpointed, **changes), "s", tracer)).peak.bytes

    assert all(less < more for less, more in pairwise(peak(num_layers=layers) for layers in (1, 2, 3)))
    assert all(less < more for less, more in pairwise(peak(rank=rank) for rank in (2, 8, 16, 64)))


def test_parts_are_named_by_what_they_are(tracer):  # noqa: F811
    found = traced(job(batch=4, width=257), tracer).at(Point(4, 257)).parts
    weights = 4 * (448 * 96 + 96 + 3 * (2 * 96 + 96 * 96 * 2 + 96 * 48 * 2 + 3 * 96 * 160))
    trained = 2 * 8 * ((96 + 96) * 2 + (96 + 48) * 2 + 3 * (96 + 160))
    assert found[WEIGHTS] == weights
    assert found[ADAPTER] == 4 * trained
    assert 2 * 4 * trained <= found[OPTIMIZER] <= 2 * 4 * trained + 64
    assert found[SCORES] >= 4 * 4 * 256 * 256 * 4
    assert found[LOGITS] > 0
    assert found[MLP] > 0
    accumulated = traced(job(grad_accumulation_steps=4), tracer).at(Point(1, 161)).parts
    assert accumulated[ACCUMULATOR] >= 4 * trained
    full = next(estimate(job(fine_tune_type="full", width=33, num_layers=3), "s", tracer)).peak
    assert full.parts[GRADIENTS] > 0
    assert full.parts[WEIGHTS] >= weights  # while they are replaced, new ones lie beside the old
    assert ADAPTER not in full.parts


def test_a_width_that_a_dimension_of_the_model_has_does_not_mix_up_the_parts(tracer):  # noqa: F811
    """Of 160 tokens all MLP activations are square, and of 96 all hidden ones."""
    one, other = (traced(job(width=width), tracer) for width in (161, 301))
    for width in (97, 161, 449):
        assert one.at(Point(1, width)).parts == other.at(Point(1, width)).parts


def test_without_curves_the_point_itself_is_known():
    peak = Peak(Point(1, 33), 1, 2, 3, "update", {})
    assert Traced("s", peak).at(Point(1, 34)) is None
    assert Traced("s", peak).at(Point(1, 33)) is peak


def test_each_backend_has_its_queue():
    assert [queue_of(backend) for backend in ("cpu", "metal", "cuda")] == [CPU, METAL, CUDA]


@pytest.mark.parametrize("queue", [METAL, CUDA], ids=["metal", "cuda"])
def test_on_a_gpu_the_answer_lies_between_an_empty_and_a_full_queue(tracer, queue):  # noqa: F811
    """Where a command buffer ends depends on how large its arrays are, so no polynomial is exact."""
    base = job(batch=2, grad_checkpoint=True)
    known = traced(base, tracer, queue=queue)
    there = peak_bytes(tracer.trace(base.request(base.point)), queue)
    found = known.at(base.point)
    assert (found.low, found.bytes, found.high) == (there.low, there.point, there.high)
    assert found.low < found.bytes < found.high
    for point in (Point(3, 97), Point(8, 513)):
        exact, found = peak_bytes(tracer.trace(base.request(point)), queue), known.at(point)
        assert found.bytes == pytest.approx(exact.point, rel=0.1)
        assert found.low == pytest.approx(exact.low, rel=0.2)
        assert found.high == pytest.approx(exact.high, rel=0.1)
