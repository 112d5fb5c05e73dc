"""What the schedule editor writes is what mlx-lm builds, and what it opens it leaves as it is."""

import mlx.core as mx
import pytest
from mlx_lm.tuner.utils import build_schedule

from app.config import rate_editing
from app.config.rate_editing import begin, edits, problems, schedule_of, with_kind, with_text
from app.config.structures import check_structure

CONSTANT, LINEAR, COSINE, STEP, EXPONENTIAL = KINDS = rate_editing.KINDS
PEAK, END, LENGTH, FACTOR, EVERY, WARMUP, START = rate_editing.NUMBERS


def rates(schedule: dict, *updates: int) -> list[float]:
    built = build_schedule(schedule)
    return [float(built(mx.array(at, mx.uint64))) for at in updates]


def test_without_a_schedule_it_opens_as_a_constant_rate_and_writes_nothing():
    draft = begin(None, 1e-5, updates=100)
    assert (draft.kind, draft.fields, draft.texts[PEAK]) == (CONSTANT, (PEAK, WARMUP), "1e-5")
    assert edits(draft, None, 1e-5, is_given=True) == ()
    assert edits(with_text(draft, PEAK, "2e-5"), None, 1e-5, is_given=True) == (("learning_rate", 2e-5),)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_proposes_suits_the_run_and_is_built_by_mlx_lm(kind):
    draft = with_kind(begin(None, 1e-4, updates=200), kind)
    draft = with_text(draft, WARMUP, "20")
    assert not problems(draft)
    schedule = schedule_of(draft)
    assert check_structure("lr_schedule", schedule) is None
    at_start, risen, half, last = rates(schedule, 0, 20, 110, 199)
    assert (at_start, risen) == (0.0, pytest.approx(1e-4))
    if kind == CONSTANT:
        assert half == last == risen
    else:
        assert risen > half > last and last < 0.2 * risen


def test_a_decay_gets_a_warm_up_of_a_tenth_and_the_rest_of_the_run():
    draft = with_kind(begin(None, 1e-5, updates=100), COSINE)
    assert schedule_of(draft) == {"name": "cosine_decay", "arguments": [1e-5, 90, 1e-7], "warmup": 10}
    draft = with_text(draft, WARMUP, "4")
    assert draft.texts[LENGTH] == "96", "it was proposed, so it follows"
    draft = with_text(with_text(draft, LENGTH, "50"), WARMUP, "30")
    assert draft.texts[LENGTH] == "50", "it was typed, so it stays"
    assert schedule_of(with_text(draft, WARMUP, "0"))["arguments"] == [1e-5, 50, 1e-7]


def test_a_run_of_no_or_one_update_has_numbers_that_mlx_takes():
    for updates in (0, 1):
        for kind in KINDS:
            draft = with_kind(begin(None, 1e-5, updates), kind)
            assert not problems(draft)
            assert check_structure("lr_schedule", schedule_of(draft)) is None if kind != CONSTANT else True


@pytest.mark.parametrize(
    ("schedule", "kind", "shown"),
    [
        ({"name": "cosine_decay", "arguments": [1e-5, 1000]}, COSINE, {END: "0", LENGTH: "1000", WARMUP: "0"}),
        ({"name": "cosine_decay", "arguments": [1e-5, 40.5, 1e-7], "warmup": 3}, COSINE, {LENGTH: "40.5"}),
        ({"name": "linear_schedule", "arguments": [0, 1e-4, 7]}, LINEAR, {PEAK: "0", END: "0.0001"}),
        ({"name": "linear_schedule", "arguments": [1e-4, 1e-4, 7], "warmup": 5}, CONSTANT, {WARMUP: "5"}),
        ({"name": "linear_schedule", "arguments": [1e-4, 1e-4, 7]}, LINEAR, {END: "0.0001"}),
        ({"name": "step_decay", "arguments": [1e-4, 0.1, 30], "warmup": 0}, STEP, {FACTOR: "0.1", EVERY: "30"}),
        ({"name": "exponential_decay", "arguments": [1e-4, 1.5], "warmup": 2, "warmup_init": 1e-6}, EXPONENTIAL,
         {FACTOR: "1.5", START: "1e-6"}),
        ({"name": "step_decay", "arguments": [1e-4, 0.1, 30], "note": "mine"}, STEP, {}),
    ],
)  # fmt: skip
def test_a_schedule_opens_as_it_is_and_stays_when_nothing_is_changed(schedule, kind, shown):
    draft = begin(schedule, 5e-5, updates=100)
    assert draft.kind == kind and shown.items() <= draft.texts.items()
    assert edits(draft, schedule, 5e-5, is_given=True) == ()
    written = dict(edits(with_text(draft, PEAK, "3e-4"), schedule, 5e-5, is_given=False))["lr_schedule"]
    assert written.get("note") == schedule.get("note")


def test_a_learning_rate_that_was_given_goes_along_and_a_default_stays():
    draft = with_kind(begin(None, 1e-5, updates=100), LINEAR)
    changed = with_text(draft, PEAK, "3e-5")
    assert dict(edits(changed, None, 1e-5, is_given=True))["learning_rate"] == 3e-5
    assert [key for key, _ in edits(changed, None, 1e-5, is_given=False)] == ["lr_schedule"]


def test_back_to_a_constant_rate_takes_the_schedule_out():
    schedule = {"name": "cosine_decay", "arguments": [3e-5, 100]}
    draft = with_kind(begin(schedule, 1e-5, updates=100), CONSTANT)
    assert edits(draft, schedule, 1e-5, is_given=False) == (("learning_rate", 3e-5), ("lr_schedule", None))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (PEAK, "fast", "The rate wants a number, such as 1e-5."),
        (PEAK, "", "wants a number"),
        (PEAK, "-1e-5", "must be 0 or more"),
        (END, "inf", "finite"),
        (LENGTH, "0", "The decay counts updates: it must be 1 or more."),
        (WARMUP, "2.5", "whole number of updates"),
        (WARMUP, "-1", "whole number of updates"),
        (LENGTH, "1e20", "longer than any run"),
    ],
)
def test_bad_numbers_are_refused_in_a_sentence(name, text, words):
    draft = with_text(with_kind(begin(None, 1e-5, updates=100), COSINE), name, text)
    assert words in problems(draft)[name]


def test_a_factor_is_not_taken_over_between_kinds_that_mean_another_by_it():
    draft = with_text(with_kind(begin(None, 1e-5, updates=100), STEP), FACTOR, "0.3")
    assert float(with_kind(draft, EXPONENTIAL).texts[FACTOR]) > 0.9
