"""Setting a field back to what it had from elsewhere: the file, a preset, mlx-lm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config.config import ALPHA, DORA, METHOD, RANK, SCALE, Origin
from app.config.parameter import Kind
from app.config.preset_file import read_preset
from app.config.registry import BY_KEY, PARAMETERS
from app.data.rows import RowCounts
from app.session.store import EPOCHS, Session

FILE = """\
model: m
data: d
train: true
iters: 1e3
batch_size: 2
learning_rate: 2e-5
lora_parameters: {rank: 4, scale: 2.0, dropout: 0.0}
"""


@pytest.fixture
def session(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text(FILE)
    session = Session()
    session.open(path)
    return session


@pytest.fixture
def preset(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("batch_size: 1\nlearning_rate: 1e-4\nseed: 3\niters: 77\n")
    return read_preset(path)


def values(session):
    return session.snapshot.config.values


def origin(session, key):
    return session.snapshot.config.origins[key]


def test_a_field_that_nobody_touched_has_nowhere_else_to_go_but_mlx_lms_value(session):
    assert session.reset_options("batch_size") == [(Origin.DEFAULT, "4")]
    assert session.reset_options("seed") == []
    assert session.reset_options("model") == [(Origin.DEFAULT, BY_KEY["model"].default)]


def test_what_was_typed_goes_back_to_the_file_or_to_mlx_lm(session):
    session.edit("batch_size", "8")
    assert session.reset_options("batch_size") == [(Origin.FILE, "2"), (Origin.DEFAULT, "4")]
    session.reset("batch_size", Origin.DEFAULT)
    assert (values(session)["batch_size"], origin(session, "batch_size")) == (4, Origin.DEFAULT)
    assert session.reset_options("batch_size") == [(Origin.FILE, "2")]
    session.reset("batch_size", Origin.FILE)
    assert (values(session)["batch_size"], origin(session, "batch_size")) == (2, Origin.FILE)
    assert not session.snapshot.edited


def test_without_a_file_there_is_no_file_to_go_back_to():
    session = Session()
    session.edit("seed", "5")
    assert session.reset_options("seed") == [(Origin.DEFAULT, "0")]


def test_a_file_that_does_not_name_a_parameter_offers_nothing_for_it(session):
    session.edit("seed", "5")
    assert session.reset_options("seed") == [(Origin.DEFAULT, "0")]


def test_a_preset_s_value_is_offered_once_something_else_was_typed(session, preset):
    session.apply_preset(preset)
    assert session.reset_options("batch_size") == [(Origin.FILE, "2"), (Origin.DEFAULT, "4")]
    session.edit("batch_size", "16")
    assert session.reset_options("batch_size") == [(Origin.FILE, "2"), (Origin.PRESET, "1"), (Origin.DEFAULT, "4")]
    session.reset("batch_size", Origin.PRESET)
    assert (values(session)["batch_size"], origin(session, "batch_size")) == (1, Origin.PRESET)
    session.undo()
    assert values(session)["batch_size"] == 16


def test_a_bad_value_of_the_file_comes_back_as_it_was(session):
    assert session.text("iters") == "1e3" and "whole number" in session.snapshot.errors["iters"]
    complaint = session.snapshot.errors["iters"]
    assert session.reset_options("iters") == [(Origin.DEFAULT, "1000")], "it has the file's value already"
    session.edit("iters", "20")
    assert session.reset_options("iters") == [(Origin.FILE, "1e3"), (Origin.DEFAULT, "1000")]
    session.reset("iters", Origin.FILE)
    assert session.text("iters") == "1e3" and session.snapshot.errors["iters"] == complaint
    assert not session.snapshot.edited and not session.unsaveable()


def test_a_bad_value_of_the_file_comes_back_from_mlx_lm_s_own_too(session):
    """The configuration has mlx-lm's value in the place of a bad one, so the two are alike in numbers only."""
    session.edit("iters", "1000")
    assert session.reset_options("iters") == [(Origin.FILE, "1e3")]
    session.reset("iters", Origin.FILE)
    assert session.text("iters") == "1e3"


def test_a_draft_that_was_typed_gives_way_to_any_of_them(session):
    session.edit("batch_size", "2x")
    assert session.reset_options("batch_size") == [(Origin.FILE, "2"), (Origin.DEFAULT, "4")]
    session.reset("batch_size", Origin.FILE)
    assert session.text("batch_size") == "2" and "batch_size" not in session.snapshot.errors


def test_views_follow_what_is_set_back(session):
    session.edit(ALPHA, "16")
    assert values(session)[SCALE] == 4.0
    session.reset(SCALE, Origin.FILE)
    assert (values(session)[SCALE], values(session)[ALPHA], values(session)[RANK]) == (2.0, 8, 4)
    session.edit(DORA, "true")
    session.reset(METHOD, Origin.DEFAULT)
    assert values(session)[METHOD] == "lora" and values(session)[DORA] is False


def test_to_set_iters_back_lets_go_of_epochs_and_to_set_a_batch_back_does_not(session):
    session.edit("iters", "50")
    session.rows_counted("d", RowCounts(train=400))
    session.edit(EPOCHS, "2")
    session.edit("batch_size", "8")
    assert values(session)["iters"] == 100
    session.reset("batch_size", Origin.FILE)
    assert values(session)["iters"] == 400 and session.snapshot.epochs_held
    session.reset("iters", Origin.DEFAULT)
    assert values(session)["iters"] == 1000 and not session.snapshot.epochs_held


def test_a_reset_is_one_step_of_undo_that_a_screen_may_write_over_a_typed_text(session):
    session.edit("seed", "5")
    before = session.snapshot
    session.reset("seed", Origin.DEFAULT)
    assert session.snapshot.generation > before.generation
    assert session.undo() == "seed" and values(session)["seed"] == 5
    assert session.undo() == "seed" and values(session)["seed"] == 0


TEXTS = {
    Kind.TEXT: st.just("x"), Kind.PATH: st.just("x"), Kind.INTEGER: st.integers(1, 40).map(str),
    Kind.NUMBER: st.sampled_from(["0.5", "0.25", "0.1"]), Kind.SWITCH: st.sampled_from(["true", "false"]),
    Kind.NAMES: st.sampled_from(["a", "a, b"]), Kind.STRUCTURE: st.just("not: [valid"),
}  # fmt: skip


@st.composite
def edits(draw):
    parameter = draw(st.sampled_from(PARAMETERS))
    words = st.sampled_from(parameter.choices) if parameter.kind is Kind.CHOICE else TEXTS[parameter.kind]
    return parameter.key, draw(words)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("state") / "train.yaml"
    path.write_text(FILE)
    return path


def edited(file, typed):
    session = Session()
    session.open(file)
    for key, text in typed:
        session.edit(key, text)
    return session


@given(typed=st.lists(edits(), max_size=6), key=st.sampled_from([parameter.key for parameter in PARAMETERS]))
def test_every_offered_value_is_another_one_and_what_it_says(file, typed, key):
    session = edited(file, typed)
    before = session.text(key)
    for source, text in session.reset_options(key):
        session.reset(key, source)
        assert session.text(key) == text != before
        session.undo()
        assert session.text(key) == before


@given(typed=st.lists(edits(), max_size=8))
def test_undo_and_redo_go_through_the_same_values(file, typed):
    session = edited(file, typed)
    end = session.snapshot
    while session.undo():
        pass
    start, fresh = session.snapshot, edited(file, []).snapshot
    assert not start.edited and (start.config, start.drafts) == (fresh.config, fresh.drafts)
    while session.redo():
        pass
    assert (session.snapshot.config, session.snapshot.drafts) == (end.config, end.drafts)
