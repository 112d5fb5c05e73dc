"""The session without a screen: edits, drafts, undo, epochs, files."""

import pytest

from app.config.document import ConfigError
from app.config.saving import ChangedOnDisk
from app.data.rows import RowCounts
from app.session.store import EPOCHS, Session

RANK, SCALE = "lora_parameters.rank", "lora_parameters.scale"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text("model: m  # the base\ndata: d\ntrain: true\niters: 100\nbatch_size: 2\n")
    return path


@pytest.fixture
def session(file):
    session = Session()
    session.open(file)
    return session


def values(session):
    return session.snapshot.config.values


def test_an_edit_reaches_every_listener_once_as_one_new_snapshot(session):
    seen = []
    session.listen(seen.append)
    before = session.snapshot
    session.edit("iters", "200")
    assert [snapshot.config.values["iters"] for snapshot in seen] == [200]
    assert before.config.values["iters"] == 100
    assert session.snapshot.edited == {"iters"} and session.snapshot.config.origins["iters"].value == "typed"


def test_text_that_is_no_value_is_kept_as_a_draft_and_never_trained(session):
    session.edit("iters", "2x")
    assert session.text("iters") == "2x" and values(session)["iters"] == 100
    assert "number" in session.snapshot.errors["iters"]
    session.edit("iters", "25")
    assert not session.snapshot.errors and values(session)["iters"] == 25


def test_undo_goes_back_field_by_field_and_redo_forth(session):
    for text in ("1", "12", "123"):
        session.edit("iters", text)
    session.edit("seed", "7")
    assert session.undo() == "seed" and values(session)["seed"] == 0
    assert session.undo() == "iters" and values(session)["iters"] == 100
    assert session.undo() is None and not session.snapshot.can_undo
    assert session.redo() == "iters" and values(session)["iters"] == 123
    session.edit("seed", "8")
    assert session.redo() is None


def test_undo_brings_a_draft_back_too(session):
    session.edit("iters", "abc")
    session.edit("seed", "1")
    session.undo()
    assert session.text("iters") == "abc" and session.snapshot.errors
    session.undo()
    assert session.text("iters") == "100" and not session.snapshot.errors


def test_an_edit_taken_back_by_hand_leaves_nothing_edited(session):
    session.edit("iters", "200")
    session.edit("iters", "100")
    assert not session.snapshot.dirty


def test_an_edit_taken_back_by_hand_is_no_step_of_undo(session):
    session.edit("seed", "7")
    for text in ("10", "1", "10", "100"):
        session.edit("iters", text)
    assert session.snapshot.config.origins["iters"].value == "file"
    session.edit("iters", "1000")
    assert session.undo() == "iters" and values(session)["iters"] == 100
    assert session.undo() == "seed" and not session.snapshot.can_undo


def test_rank_moves_scale_where_alpha_was_typed(session):
    session.edit("lora_alpha", "16")
    session.edit(RANK, "4")
    assert values(session)[SCALE] == 4.0 and values(session)["lora_alpha"] == 16


def test_epochs_and_iters_are_two_views_and_the_last_typed_holds(session):
    session.rows_counted("d", RowCounts(train=1600, valid=10))
    assert session.text(EPOCHS) == "0.125"
    session.edit(EPOCHS, "2")
    assert values(session)["iters"] == 1600
    session.edit("batch_size", "4")
    assert values(session)["iters"] == 800
    session.rows_counted("d", RowCounts(train=800, valid=10))
    assert values(session)["iters"] == 400
    session.edit("iters", "50")
    session.edit("batch_size", "8")
    assert values(session)["iters"] == 50 and session.text(EPOCHS) == "0.5"


def test_epochs_without_known_rows_say_so_and_change_nothing(session):
    session.edit(EPOCHS, "2")
    assert "not known" in session.snapshot.errors[EPOCHS] and values(session)["iters"] == 100


def test_epochs_typed_before_the_rows_were_counted_take_effect_with_them(session):
    session.edit(EPOCHS, "2")
    session.rows_counted("d", RowCounts(train=50))
    assert not session.snapshot.errors and values(session)["iters"] == 50


def test_rows_of_other_data_are_dropped(session):
    session.edit("data", "elsewhere")
    session.rows_counted("d", RowCounts(train=1600))
    assert session.snapshot.rows is None


def test_saving_changes_the_edited_bytes_alone_and_goes_on_from_there(session, file):
    session.edit("iters", "200")
    session.save(file, session.rendered())
    assert file.read_text() == "model: m  # the base\ndata: d\ntrain: true\niters: 200\nbatch_size: 2\n"
    assert not session.snapshot.dirty and session.snapshot.config.origins["iters"].value == "file"
    session.undo()
    assert values(session)["iters"] == 100 and session.snapshot.edited == {"iters"}


def test_a_file_changed_meanwhile_is_not_overwritten_unasked(session, file):
    session.edit("iters", "200")
    text = session.rendered()
    file.write_text("iters: 5\n")
    with pytest.raises(ChangedOnDisk):
        session.save(file, text)
    assert file.read_text() == "iters: 5\n" and values(session)["iters"] == 200
    session.save(file, text, overwrite_changed=True)
    assert "iters: 200" in file.read_text()


def test_a_file_that_cannot_be_opened_leaves_the_session_as_it_was(session, tmp_path):
    session.edit("iters", "200")
    with pytest.raises(ConfigError):
        session.open(tmp_path / "missing.yaml")
    assert values(session)["iters"] == 200 and session.snapshot.can_undo


def test_a_value_of_the_wrong_type_in_the_file_opens_as_a_draft(tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_text('learning_rate: "1e-5"\ngrad_checkpoint: "false"\niters: 1e3\n')
    session = Session()
    session.open(path)
    assert set(session.snapshot.errors) == {"learning_rate", "grad_checkpoint", "iters"}
    assert not session.snapshot.dirty and not session.unsaveable()
    session.edit("seed", "3")
    assert 'learning_rate: "1e-5"' in session.rendered()


def test_a_typed_draft_stands_in_the_way_of_saving(session):
    session.edit("iters", "many")
    assert session.unsaveable() and session.unsaveable()[0].startswith("iters:")


def test_the_file_s_own_bad_text_stands_in_the_way_too_once_something_else_was_typed(tmp_path):
    """Else saving would write the number typed between, and the screen show the text."""
    path = tmp_path / "odd.yaml"
    path.write_text("iters: 2x\n")
    session = Session()
    session.open(path)
    assert not session.unsaveable()
    session.edit("iters", "20")
    session.edit("iters", "2x")
    assert session.unsaveable()


def test_a_beginning_is_in_no_file_until_it_is_saved(session, tmp_path):
    session.edit("iters", "200")
    session.begin_with("model: m2\niters: 7\n")
    assert session.snapshot.path is None and session.snapshot.dirty and not session.snapshot.edited
    assert not session.snapshot.can_undo and values(session)["iters"] == 7
    session.edit("seed", "4")
    session.save(tmp_path / "new.yaml", session.rendered())
    assert (tmp_path / "new.yaml").read_text() == "model: m2\niters: 7\nseed: 4\n"
    assert session.snapshot.path == tmp_path / "new.yaml" and not session.snapshot.dirty


def test_an_empty_beginning_has_nothing_to_lose(session):
    session.new()
    assert not session.snapshot.dirty
    session.edit("seed", "4")
    assert session.snapshot.dirty


def test_saving_is_one_snapshot_and_keeps_what_is_being_typed_held_and_known(session, file):
    session.rows_counted("d", RowCounts(train=1600))
    session.edit(EPOCHS, "2")
    seen = []
    session.listen(seen.append)
    session.save(file, session.rendered())
    (snapshot,) = seen
    assert snapshot.epochs_held and snapshot.rows == RowCounts(train=1600) and snapshot.can_undo
    session.edit("batch_size", "4")
    assert values(session)["iters"] == 800


def test_a_file_that_changed_on_disk_is_told_line_by_line(session, file):
    assert session.changes_on_disk() == []
    file.write_text("model: m  # the base\ndata: d\ntrain: true\niters: 5\nbatch_size: 2\n")
    assert {"-iters: 100", "+iters: 5"} <= set(session.changes_on_disk())
    file.write_bytes(b"model: m  # the base\r\ndata: d\r\ntrain: true\r\niters: 100\r\nbatch_size: 2\r\n")
    assert session.changes_on_disk() == ["Only its line ends changed."]
    file.unlink()
    assert session.changes_on_disk() == ["The file is not there any more."]


def test_new_forgets_the_file_and_its_past(session):
    session.edit("iters", "200")
    session.new()
    assert session.snapshot.path is None and not session.snapshot.can_undo and not session.snapshot.dirty


def test_a_block_that_is_none_is_an_error_that_stays_until_the_file_is_mended(tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_text("lora_parameters: 8\n")
    session = Session()
    session.open(path)
    session.edit("iters", "5")
    assert "lora_parameters" in session.snapshot.errors
