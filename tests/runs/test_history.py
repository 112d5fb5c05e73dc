"""The fold of events into what a screen shows."""

import math

from app.runs.history import History
from app.runs.smoothing import SMOOTHING
from app.wire.events import Ended, Report, Started, Step, Validation


def told(*events):
    history = History()
    for event in events:
        history.apply(event)
    return history


def test_the_smoothed_loss_is_the_bias_corrected_average_of_its_losses():
    losses = [3.0, 1.0, 2.0]
    history = told(*(Step(0.0, at + 1, loss, 1, 0.1) for at, loss in enumerate(losses)))
    weights = [SMOOTHING ** (2 - at) for at in range(3)]
    expected = sum(w * x for w, x in zip(weights, losses, strict=True)) / sum(weights)
    assert math.isclose(history.smoothed.y[-1], expected)
    assert history.smoothed.y[0] == 3.0


def test_a_nan_step_is_kept_and_counted_but_does_not_poison_the_average():
    history = told(Step(0, 1, 2.0, 1, 0.1), Step(0, 2, math.nan, 1, 0.1), Step(0, 3, 2.0, 1, 0.1))
    assert len(history.steps) == 3 and math.isnan(history.steps.y[1]) and history.non_finite == 1
    assert math.isclose(history.smoothed.y[-1], 2.0)


def test_a_run_that_starts_again_has_not_ended():
    history = told(Started(0, 1, 10), Ended(1, "stopped", 5), Started(2, 2, 10))
    assert history.ended is None and history.iters == 10


def test_every_event_makes_a_new_version():
    history = told(Report(0, 10, 2.0, 1e-5, 1.0, 1.0, 1, 1), Validation(0, 9, 2.0, 1.0))
    assert history.version == 2 and list(history.reports.x) == [10] and list(history.validations.x) == [9]


def test_what_a_run_that_went_back_left_behind_is_gone_with_its_first_step_there():
    left = [Validation(0, 4, 2.0, 1.0), *(Step(0, at, 2.0, 1, 0.1) for at in range(1, 7)), Step(0, 7, math.nan, 1, 0.1)]
    left += [Report(0, 6, 2.0, 1e-5, 1.0, 1.0, 1, 1), Validation(0, 6, 1.0, 1.0), Ended(0, "failed", 7)]
    history = told(*left, Started(1, 2, 10), Validation(1, 4, 1.9, 1.0), Ended(2, "paused", 4))
    assert list(history.steps.x)[-1] == 7 and history.iteration == 7, "nothing is lost before a step"
    assert (list(history.validations.x), list(history.validations.y)) == ([4, 6], [1.9, 1.0])
    for event in (Started(3, 3, 10), Step(3, 5, 1.5, 1, 0.1)):
        history.apply(event)
    straight = told(*(Step(0, at, 2.0, 1, 0.1) for at in range(1, 5)), Step(0, 5, 1.5, 1, 0.1))
    assert (history.steps, history.smoothed) == (straight.steps, straight.smoothed)
    assert (list(history.validations.x), len(history.reports), history.non_finite) == ([4], 0, 0)
    assert (history.last_report, history.last_validation) == (None, Validation(1, 4, 1.9, 1.0))
