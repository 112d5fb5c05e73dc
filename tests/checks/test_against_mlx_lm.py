"""What the rules say of mlx and mlx-lm, asked of them."""

import mlx.core as mx
import mlx.optimizers as optim
import pytest
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import build_schedule

from app.checks.schedule import peak_rate, with_peak
from app.config.config import SCALE
from tests.checks.configurations import config_of, context_of, fixed, found
from tests.config.toy_training import toy, train_toy


@pytest.fixture(autouse=True, scope="module")
def uncompiled():
    """Compiling the toy's step takes seconds and changes nothing here."""
    mx.disable_compile()
    yield
    mx.enable_compile()


def weights(model):
    return {name: weight.tolist() for name, weight in tree_flatten(model.trainable_parameters())}


@pytest.mark.parametrize(("scale", "learns"), [(0.0, False), (1.0, True)])
def test_with_scale_0_nothing_is_learned(tmp_path, scale, learns):
    model = toy(scale=scale)
    before = weights(model)
    train_toy(tmp_path, model)
    assert (weights(model) != before) is learns
    assert ("scale-zero" in found(context_of(config_of({SCALE: scale})))) is not learns


def test_a_report_rarer_than_the_run_is_long_comes_once(tmp_path):
    assert len(train_toy(tmp_path, iters=4, steps_per_report=5).train) == 1


SCHEDULES = [
    {"name": "cosine_decay", "arguments": [1e-4, 50]},
    {"name": "cosine_decay", "arguments": [1e-5, 50, 1e-4]},
    {"name": "linear_schedule", "arguments": [0.0, 1e-4, 50]},
    {"name": "linear_schedule", "arguments": [1e-4, 1e-6, 50]},
    {"name": "exponential_decay", "arguments": [1e-4, 0.9]},
    {"name": "step_decay", "arguments": [1e-4, 0.5, 10]},
]


def highest(schedule):
    rate = build_schedule(schedule)
    return max(float(rate(mx.array(step))) for step in range(60))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_peak_is_the_highest_rate_of_the_schedule(schedule):
    assert highest(schedule) == pytest.approx(peak_rate({"lr_schedule": schedule}), rel=1e-4)
    for peak in (1e-5, 1e-3):
        assert highest(with_peak(schedule, peak)) == pytest.approx(peak, rel=1e-4)


def last_rates(values):
    """The rates of the first to last update, as mlx-lm's optimizer would use them."""
    rate = build_schedule(values["lr_schedule"])
    updates = values["iters"] // values["grad_accumulation_steps"]
    return [float(rate(mx.array(step))) for step in range(updates)]


def test_a_warm_up_as_long_as_the_run_never_gets_there_and_the_fix_does():
    schedule = {"name": "cosine_decay", "arguments": [1e-4, 62], "warmup": 62}
    context = context_of(config_of({"lr_schedule": schedule, "grad_accumulation_steps": 16}))
    assert max(last_rates(context.values)) < 1e-4
    assert max(last_rates(fixed(context, found(context)["warmup-too-long"]).values)) == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("code", "length", "last"), [("decay-too-short", 100, 0.0), ("decay-too-long", 10_000, 0.97e-4)]
)
def test_a_decay_out_of_step_with_the_run_is_brought_into_it(code, length, last):
    schedule = {"name": "cosine_decay", "arguments": [1e-4, length]}
    context = context_of(config_of({"lr_schedule": schedule}))
    assert last_rates(context.values)[-1] == pytest.approx(last, rel=0.01)
    mended = last_rates(fixed(context, found(context)[code]).values)
    assert mended[-1] < 1e-6 < mended[len(mended) * 9 // 10]


def first_step(learning_rate, **settings):
    """How far Adafactor moves a weight that begins at 0, as LoRA's second matrix does."""
    optimizer = optim.Adafactor(learning_rate=learning_rate, **settings)
    weight = {"b": mx.zeros((4, 4))}
    return abs(optimizer.apply_gradients({"b": mx.ones((4, 4))}, weight)["b"][0, 0].item())


def test_adafactor_ignores_the_rate_until_the_fix():
    assert first_step(1e-5) == first_step(1e-2)
    context = context_of(config_of({"optimizer": "adafactor", "learning_rate": 1e-4}))
    settings = fixed(context, found(context)["adafactor-own-rate"]).values["optimizer_config"]["adafactor"]
    assert first_step(1e-4, **settings) == pytest.approx(1e-4)
    assert first_step(1e-4, relative_step=False) == pytest.approx(1e-7)  # why scale_parameter goes too
