"""Stepping a field's number up and down."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.parameter import Kind
from app.config.registry import BY_KEY, PARAMETERS
from app.config.steps import BY_SCALE, DOUBLING, FIXED, stepped
from app.config.values import check_value, parse_value

NUMBERS = [parameter for parameter in PARAMETERS if parameter.kind in (Kind.INTEGER, Kind.NUMBER)]
NUMBER_KEYS = [parameter.key for parameter in NUMBERS]
UP, DOWN = 1, -1


def on_ladder(key):
    """Values that stepping comes by, each well inside the bounds."""
    if key in DOUBLING:
        return st.integers(1, 12).map(lambda power: 2**power)
    if key in BY_SCALE:
        powers = (1, 5) if BY_KEY[key].kind is Kind.INTEGER else (-7, 2)
        rungs = st.tuples(st.sampled_from((1, 2, 5)), st.integers(*powers))
        return rungs.map(lambda rung: float(f"{rung[0]}e{rung[1]}"))
    step = FIXED.get(key, 1)
    return st.integers(2, 15).map(lambda times: round(times * step, 10))


@given(st.data(), st.sampled_from([*NUMBER_KEYS, "epochs"]), st.sampled_from((UP, DOWN)))
def test_a_step_and_its_opposite_lead_back(data, key, direction):
    value = data.draw(on_ladder(key))
    there = stepped(key, f"{value:.15g}", direction)
    assert there is not None and (float(there) - value) * direction > 0
    assert float(stepped(key, there, -direction)) == value


@given(
    st.sampled_from(NUMBERS),
    st.one_of(
        st.floats().map(str), st.integers().map(str), st.integers(-300, 300).map(lambda power: f"1e{power}"),
        st.text(max_size=8), st.sampled_from(["-1", "0", "1", "2", "0.5", "1e400", "4294967295"]),
    ),
    st.sampled_from((UP, DOWN)),
)  # fmt: skip
def test_a_step_is_the_right_way_and_never_leaves_the_hard_bounds(parameter, text, direction):
    there = stepped(parameter.key, text, direction)
    if there is not None:
        assert check_value(parameter, parse_value(parameter, there)) is None
        assert (float(there) - float(text)) * direction > 0


@given(st.sampled_from(NUMBERS), st.sampled_from((UP, DOWN)))
def test_stepping_on_comes_to_an_end_or_far_away(parameter, direction):
    """No value of the ladder is its own neighbour, and none raises."""
    text = "1"
    for _ in range(400):
        there = stepped(parameter.key, text, direction)
        if there is None:
            return
        assert there != text
        text = there
    assert math.isfinite(float(text))


@pytest.mark.parametrize(
    "key", [parameter.key for parameter in PARAMETERS if parameter.kind not in (Kind.INTEGER, Kind.NUMBER)]
)
@pytest.mark.parametrize("text", ["", "5", "abc", "true", "adam", "a: 1"])
def test_what_is_no_number_is_not_stepped(key, text):
    assert stepped(key, text, UP) is None and stepped(key, text, DOWN) is None


@pytest.mark.parametrize("text", ["", "many", "nan", "inf", "1 2", "1e999", "0x10"])
def test_text_that_is_no_number_is_not_stepped(text):
    assert stepped("iters", text, UP) is None


@pytest.mark.parametrize(
    ("key", "text", "up", "down"),
    [
        ("batch_size", "4", "8", "2"),
        ("batch_size", "1", "2", None),
        ("lora_parameters.rank", "6", "12", "3"),
        ("lora_alpha", "1", "2", "0.5"),
        ("learning_rate", "1e-5", "2e-5", "5e-6"),
        ("learning_rate", "3e-5", "5e-5", "2e-5"),
        ("iters", "1000", "2000", "500"),
        ("iters", "1", "2", None),
        ("iters", "1234", "2000", "1000"),
        ("max_seq_length", "2048", "2304", "1792"),
        ("max_seq_length", "1000", "1024", "768"),
        ("max_seq_length", "256", "512", None),
        ("lora_parameters.dropout", "0.1", "0.15", "0.05"),
        ("lora_parameters.dropout", "0.95", None, "0.9"),
        ("lora_parameters.dropout", "0", "0.05", None),
        ("seed", "0", "1", None),
        ("seed", "4294967295", None, "4294967294"),
        ("num_layers", "-1", "0", "-2"),
        ("val_batches", "1", "2", None),
        ("val_batches", "-1", None, None),
        ("epochs", "1.5", "2", "1"),
        ("epochs", "1", "2", None),
        ("epochs", "0.25", "1", None),
        ("learning_rate", "1e308", None, None),
        ("lora_parameters.dropout", "1e308", None, None),
    ],
)
def test_what_a_person_sees(key, text, up, down):
    assert (stepped(key, text, UP), stepped(key, text, DOWN)) == (up, down)
