"""A past that is folded fast is the same past."""

import math

from hypothesis import given
from hypothesis import strategies as st

from app.runs.history import History
from app.runs.past import fold
from app.wire.events import Ended, Note, Report, Started, Step, Validation, decode, encode

LOSSES = st.one_of(st.floats(0, 10), st.sampled_from([math.nan, math.inf]))
EVENTS = st.one_of(
    st.builds(Step, st.floats(0, 1e9), st.integers(1, 1000), LOSSES, st.integers(0, 100), st.floats(0, 9)),
    st.builds(Validation, st.floats(0, 1e9), st.integers(0, 1000), LOSSES, st.just(1.0)),
    st.sampled_from([Started(1.0, 1, 9), Note(1.0, "warning", "w"), Ended(1.0, "stopped", 4)]),
    st.just(Report(1.0, 2, 1.0, 1e-5, 1.0, 1.0, 9, 9)),
)
ODD = st.sampled_from(
    [
        b'{"event":"step","time":1.0,"iteration":5,"loss":2,"tokens":3,"seconds":0.1}\n',
        b'{"event":"step","time":1.0,"iteration":"5","loss":2.0,"tokens":3,"seconds":0.1}\n',
        b'{"event":"step","time":1.0,"iteration":5,"loss":2.0,"tokens":true,"seconds":0.1}\n',
        b'{"event":"step","iteration":5,"time":1.0,"loss":2.5,"tokens":3,"seconds":0.1,"new":1}\n',
        b'{"event":"step","time":1.0,"iter\n',
        b'{"event":"step","time":1.0,"iteration":5}\n',
        b"\xff\n",
    ]
)


@given(st.lists(st.one_of(EVENTS.map(lambda event: encode(event).encode()), ODD), max_size=40), st.integers(0, 40))
def test_it_is_what_one_event_after_another_makes(lines, cut):
    fast, slow = History(), History()
    fold(lines[:cut], fast)
    fold(lines[cut:], fast)
    for event in filter(None, map(decode, lines)):
        slow.apply(event)
    assert _told(fast) == _told(slow)


def _told(history):
    """NaN is not equal to itself, so that it is compared as it is written."""
    series = (history.steps, history.smoothed, history.reports, history.validations)
    return (
        repr([(list(each.x), list(each.y)) for each in series]),
        repr((history.version, history.non_finite, history.last_step, history.last_report, history.last_validation)),
        repr((history.ended, history.started, list(history.notes))),
    )
