"""What opening a file said is taken back by a key, comes again with undo, and stays taken back when saved."""

import pytest

from app.session.notices import fix_of
from app.session.store import Session


@pytest.fixture
def opened(tmp_path):
    def open_file(text):
        (tmp_path / "train.yaml").write_text(text)
        session = Session()
        session.open(tmp_path / "train.yaml")
        return session

    return open_file


def notices(session):
    return [notice.code for notice in session.snapshot.notices]


def take_back(session, code):
    session.apply_edits(fix_of(next(notice for notice in session.snapshot.notices if notice.code == code)))


CASES = [
    ("lora_layers: 4\n", "older-name", "num_layers", 16, "num_layers: 16\n"),
    ("target_modules: [q_proj]\niters: 5\n", "older-name", "lora_parameters.keys", None, "iters: 5\n"),
    ("iter: 5\n", "unknown", "iters", 5, "iter: 5\niters: 5\n"),
    (
        "lora_dropout: 0.1\nlora_parameters: {rank: 8, scale: 2.0, dropout: 0.0}\n",
        "disagreement",
        "lora_parameters.dropout",
        0.1,
        "lora_dropout: 0.1\nlora_parameters: {rank: 8, scale: 2.0, dropout: 0.1}\n",
    ),
]


@pytest.mark.parametrize(("text", "code", "key", "value", "saved"), CASES)
def test_a_notice_is_taken_back_undone_and_saved(opened, text, code, key, value, saved):
    session = opened(text)
    before = session.snapshot.config.values[key]
    take_back(session, code)
    assert session.snapshot.config.values[key] == value and code not in notices(session)
    session.undo()
    assert session.snapshot.config.values[key] == before and code in notices(session)
    session.redo()
    session.save(session.snapshot.path, session.rendered())
    assert session.snapshot.path.read_text() == saved
    again = Session()
    again.open(session.snapshot.path)
    assert again.snapshot.config.values == session.snapshot.config.values


def test_the_label_says_what_will_be(opened):
    (flat,) = opened("lora_rank: 16\nlora_alpha: 16\n").snapshot.notices
    assert fix_of(flat).label == "undo: rank 8 and 1 more"
    (note,) = opened("my_own_note: 1\n").snapshot.notices
    assert fix_of(note) is None
