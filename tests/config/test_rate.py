"""The rate told here is mlx's own: every kind of schedule, at every update, as the optimizer holds it."""

import mlx.core as mx
import mlx.optimizers as optim
import pytest
from mlx_lm.tuner.utils import build_schedule

from app.config.rate import course, rate_of
from app.config.structures import MOST_UPDATES

UPDATES = 60
PLAIN = {
    "cosine": {"name": "cosine_decay", "arguments": [1e-4, 40]},
    "cosine with an end": {"name": "cosine_decay", "arguments": [1e-4, 40, 1e-6]},
    "cosine of a broken length": {"name": "cosine_decay", "arguments": [1e-4, 40.5, 1e-6]},
    "linear": {"name": "linear_schedule", "arguments": [1e-4, 0.0, 40]},
    "linear that rises": {"name": "linear_schedule", "arguments": [1e-6, 3e-4, 33]},
    "constant": {"name": "linear_schedule", "arguments": [1e-4, 1e-4, 1]},
    "step": {"name": "step_decay", "arguments": [1e-4, 0.5, 7]},
    "exponential": {"name": "exponential_decay", "arguments": [1e-4, 0.93]},
    "exponential that turns its sign": {"name": "exponential_decay", "arguments": [1e-4, -0.9]},
    "exponential that grows": {"name": "exponential_decay", "arguments": [1e-4, 1.1]},
    "exponential beyond float32": {"name": "exponential_decay", "arguments": [1e-4, 1000.0]},
}
WARMUPS = {
    "no warm-up": {},
    "warm-up": {"warmup": 9},
    "warm-up of one": {"warmup": 1},
    "warm-up from a rate": {"warmup": 9, "warmup_init": 1e-5},
    "warm-up longer than the run": {"warmup": 90},
}


def used(rate, updates: int = UPDATES) -> list[float]:
    """What the optimizer holds as its learning rate in each update."""
    optimizer = optim.SGD(learning_rate=rate)
    weight, rates = {"w": mx.zeros((1,))}, []
    for _ in range(updates):
        optimizer.apply_gradients({"w": mx.zeros((1,))}, weight)
        rates.append(optimizer.learning_rate.item())
    return rates


@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize("plain", PLAIN)
def test_every_schedule_at_every_update_is_mlxs(plain, warmup):
    schedule = PLAIN[plain] | WARMUPS[warmup]
    rate = rate_of(schedule, 1.0)
    assert [rate(at) for at in range(UPDATES)] == pytest.approx(used(build_schedule(schedule)), rel=5e-7, abs=1e-11)


def test_powers_of_a_rounded_factor_stay_mlxs_over_a_long_run():
    """Of 0.99999 itself the rate would be off by a thousandth by then."""
    schedule = {"name": "exponential_decay", "arguments": [1e-4, 0.99999]}
    theirs = build_schedule(schedule)
    places = (1, 999, 100_000, 500_000)
    expected = [theirs(mx.array(at, mx.uint64)).item() for at in places]
    assert [rate_of(schedule, 1.0)(at) for at in places] == pytest.approx(expected, rel=1e-6)
    assert 1e-4 * 0.99999 ** places[-1] != pytest.approx(expected[-1], rel=1e-3)


def test_the_most_updates_that_a_schedule_may_count_are_mlxs():
    build_schedule({"name": "cosine_decay", "arguments": [1e-4, MOST_UPDATES]})(mx.array(1, mx.uint64))
    with pytest.raises(RuntimeError, match="bad_cast"):
        build_schedule({"name": "cosine_decay", "arguments": [1e-4, MOST_UPDATES + 1]})(mx.array(1, mx.uint64))


def test_without_a_schedule_it_is_the_learning_rate():
    assert rate_of(None, 3e-4)(0) == rate_of(None, 3e-4)(999) == used(3e-4, 1)[0]


def test_iterations_make_updates_in_groups_and_the_rest_makes_none():
    run = course(PLAIN["cosine"], 1.0, iters=50, group=16)
    assert run.updates == 3
    assert [run.update_of(at) for at in (1, 16, 17, 48, 49, 50)] == [0, 0, 1, 2, None, None]


@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize("plain", [name for name in PLAIN if "sign" not in name and "beyond" not in name])
def test_between_its_turns_the_rate_never_turns(plain, warmup):
    """So that a plot may look at a few updates of a million and miss no peak."""
    run = course(PLAIN[plain] | WARMUPS[warmup], 1.0, iters=UPDATES, group=1)
    rates = [run.rate(at) for at in range(UPDATES)]
    for first in range(0, UPDATES, 7):
        for last in range(first, UPDATES, 5):
            of_all = rates[first : last + 1]
            assert run.extremes(first, last) == (min(of_all), max(of_all))
    assert run.peak == (rates.index(max(rates)), max(rates))
