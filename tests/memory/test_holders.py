"""What each array is called, by its role or its shape."""

import pytest

from app.memory.holders import (
    ACCUMULATOR,
    ACTIVATIONS,
    ADAPTER,
    GRADIENTS,
    LOGITS,
    MLP,
    OPTIMIZER,
    REST,
    SCORES,
    WEIGHTS,
    Holders,
    Widths,
)
from app.memory.simulator.evaluation import Held
from app.memory.simulator.program import compile_program
from tests.memory.tapes import tape

WIDTHS = Widths(vocabulary=1000, intermediate=96)
LENGTH = 24
SHAPES = ((32, 32), (32, 4), (32, 4), (2, 24), (32, 4), (2,), (3,), (1,), (32, 4))
ROLES = {0: "weights", 1: "adapter", 2: "optimizer", 3: "batch", 4: "accumulator", 5: "random"}
STEP = [("Gather", [0, 1, 2, 3, 4, 5], [6, 7, 8])]


def holder(array: int, shapes=SHAPES, phase="update", full=False, widths=WIDTHS, **fields) -> str:
    step = tape(shapes, STEP, ROLES, fields.pop("evaluated", (6, 7, 8)), phase=phase, **fields)
    holders = Holders(step, compile_program(step), widths, full=full)
    (name,) = holders.sum_up([Held(array, 10, 0, 1)], shapes, LENGTH)
    return name


def shaped(shape, **options) -> str:
    return holder(8, (*SHAPES[:8], shape), evaluated=(6,), **options)


@pytest.mark.parametrize(
    ("array", "name"), [(0, WEIGHTS), (1, ADAPTER), (2, OPTIMIZER), (3, REST), (4, ACCUMULATOR), (5, REST)]
)
def test_what_goes_in_is_known_by_its_role(array, name):
    assert holder(array) == name


def test_what_comes_out_takes_the_place_of_what_went_in():
    evaluated = (0, 6, 7, 5)
    assert holder(6, evaluated=evaluated) == ADAPTER
    assert holder(7, evaluated=evaluated) == OPTIMIZER


def test_validation_gives_nothing_back():
    assert holder(7, evaluated=(7, 6), phase="validate") == ACTIVATIONS


def test_gradients_that_are_kept_are_the_accumulator():
    assert holder(8, phase="accumulate", gradients=(8,)) == ACCUMULATOR
    assert holder(8, gradients=(8,)) == GRADIENTS


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ((2, 8, 24, 24), SCORES),
        ((2, 4, 2, 24, 24), SCORES),
        ((2, 24, 24), ACTIVATIONS),  # rows whose hidden size is that of the row
        ((2, 24, 1000), LOGITS),
        ((48, 1000), LOGITS),
        ((2, 24, 96), MLP),
        ((2, 24, 192), MLP),
        ((2, 24, 32), ACTIVATIONS),
        ((32, 4), GRADIENTS),
        ((24,), ACTIVATIONS),
        ((), ACTIVATIONS),
    ],
)
def test_the_others_are_told_by_their_shapes(shape, name):
    assert shaped(shape) == name


def test_a_gradient_is_no_layer_of_its_shape():
    shapes = ((32, 32), (96, 32), (32, 4), (2, 24), (32, 4), (2,), (3,), (1,), (96, 32))
    assert holder(8, shapes, evaluated=(6,)) == GRADIENTS


def test_of_a_model_that_does_not_tell_its_widths_less_is_known():
    assert shaped((2, 24, 1000), widths=Widths()) == ACTIVATIONS
    assert shaped((2, 24, 96), widths=Widths()) == ACTIVATIONS


def test_full_fine_tuning_trains_the_weights_themselves():
    assert holder(1, full=True) == WEIGHTS
    assert holder(6, evaluated=(0, 6, 7, 5), full=True) == WEIGHTS
    assert shaped((32, 4), full=True) == GRADIENTS


def test_sums_come_in_order_and_a_copy_of_a_kernel_is_an_activation():
    step = tape(SHAPES, STEP, ROLES, (6, 7, 8))
    holders = Holders(step, compile_program(step), WIDTHS)
    held = [Held(-1, 7, 0, 1), Held(1, 10, 0, 1), Held(0, 20, 0, 1), Held(0, 1, 0, 1), Held(2, 0, 0, 1)]
    assert list(holders.sum_up(held, SHAPES, LENGTH).items()) == [(WEIGHTS, 21), (ADAPTER, 10), (ACTIVATIONS, 7)]
