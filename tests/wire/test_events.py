"""Every event survives its line; nothing else is taken for one."""

import json
import math

import pytest

from app.wire.events import (
    Checkpoint,
    Ended,
    Model,
    Note,
    Phase,
    Report,
    Started,
    Step,
    Tested,
    Validation,
    decode,
    encode,
)  # fmt: skip

EVENTS = [
    Started(1.5, 42, 100),
    Phase(1.5, "download", "model [x] \x1b[31m", 3, 10),
    Model(1.5, 1000, 10, 5, 2),
    Step(1.5, 3, 2.25, 64, 0.125),
    Report(1.5, 3, 2.25, 1e-5, 8.0, 512.0, 64, 1000),
    Validation(1.5, 0, 2.5, 1.0),
    Checkpoint(1.5, 100, "a/0000100_adapters.safetensors"),
    Tested(1.5, 2.0, math.exp(2.0)),
    Note(1.5, "warning", "line\nbreak"),
    Ended(1.5, "failed", 3, "why"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_and_comes_back_equal(event):
    line = encode(event)
    assert line.count("\n") == 1 and line.endswith("\n") and line.isascii()
    assert decode(line) == event == decode(line.encode())


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_losses_that_are_no_numbers_travel_as_strict_json(loss):
    line = encode(Step(1.0, 1, loss, 1, 0.1))
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert repr(decode(line).loss) == repr(loss)


def test_fields_of_a_later_version_are_passed_over():
    assert decode('{"event":"tested","time":1,"loss":2,"perplexity":3,"new":4}') == Tested(1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "null", "1", '"step"', "{}", '{"event":"other","time":1}', '{"event":[]}',
        '{"event":"step","time":1}', '{"event":"step","time":1,"iteration":"x","loss":1,"tokens":1,"seconds":1}',
        '{"event":"step","time":1,"iteration":1.5,"loss":1,"tokens":1,"seconds":1}',
        '{"event":"step","time":1,"iteration":1,"loss":null,"tokens":1,"seconds":1}',
        b"\xff\xfe", "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_event_is_none(line):
    assert decode(line) is None
