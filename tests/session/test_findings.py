"""Findings in a session: what arrives late, and fixes as one step of undo."""

import pytest

from app.checks.finding import Finding
from app.checks.surroundings import look_around
from app.data.rows import RowCounts
from app.machine.memory import SystemMemory
from app.machine.state import MachineState
from app.session.facts import learn_model
from app.session.store import EPOCHS, Session

GB = 2**30
GROUP = "grad_accumulation_steps"


SMALL_MACHINE = MachineState(SystemMemory(16 * GB, 8 * GB, 8 * GB, 0), None, (), None)


@pytest.fixture
def shallow(tmp_path):
    """What is learned of a model with four layers, which the configuration calls m."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.json").write_text('{"model_type": "llama", "num_hidden_layers": 4}')
    return learn_model("m", tmp_path)


@pytest.fixture
def session(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text("model: m\ndata: d\ntrain: true\niters: 1000\nbatch_size: 4\n")
    session = Session()
    session.open(path)
    return session


def values(session):
    return session.snapshot.config.values


def finding(session, code):
    return next(finding for finding in session.snapshot.findings if finding.code == code)


def codes(session):
    return {finding.code for finding in session.snapshot.findings}


def test_findings_wait_for_machine_and_model(session, shallow):
    assert not codes(session) & {"small-memory-batch", "layers-above-depth"}
    session.known.machine_seen(SMALL_MACHINE)
    session.known.model_learned("m", shallow)
    assert codes(session) >= {"small-memory-batch", "layers-above-depth"}


def test_the_depth_of_another_model_does_not_count(session, shallow):
    session.known.model_learned("m", shallow)
    session.edit("model", "other")
    assert "layers-above-depth" not in codes(session)
    session.known.model_learned("m", shallow)
    assert "layers-above-depth" not in codes(session)
    session.edit("model", "m")
    assert "layers-above-depth" in codes(session)


def test_rows_of_the_data_folder_say_nothing_about_a_hub_dataset(session):
    session.rows_counted("d", RowCounts(3, 3))
    assert "rows-below-batch" in codes(session)
    session.edit("hf_dataset", "{path: org/name}")
    assert "rows-below-batch" not in codes(session)


def test_a_fix_is_one_step_of_undo_however_many_edits_it_has(session):
    session.known.machine_seen(SMALL_MACHINE)
    before = session.snapshot
    session.apply_fix(finding(session, "small-memory-batch"))
    assert (values(session)["batch_size"], values(session)[GROUP], values(session)["iters"]) == (1, 4, 4000)
    assert "small-memory-batch" not in codes(session)
    assert session.snapshot.generation > before.generation
    session.undo()
    assert values(session) == before.config.values and not session.snapshot.dirty
    session.redo()
    assert values(session)["iters"] == 4000


def test_a_fix_closes_the_way_to_what_was_undone_and_typing_goes_on_anew(session):
    session.edit(GROUP, "3")
    session.edit("seed", "5")
    session.undo()
    session.apply_fix(finding(session, "thrown-away-iterations"))
    assert values(session)["iters"] == 999 and not session.snapshot.can_redo
    session.edit("iters", "1000")
    assert session.undo() == "iters" and values(session)["iters"] == 999


def test_a_fix_takes_the_place_of_a_draft(session):
    session.edit("lora_parameters.scale", "x")
    session.apply_fix(finding(session, "scale-strong"))
    assert session.text("lora_parameters.scale") == "1.0" and not session.snapshot.errors


def test_held_epochs_stay_held_unless_iters_is_what_is_mended(session):
    session.rows_counted("d", RowCounts(1602, 100))
    session.known.machine_seen(SMALL_MACHINE)
    session.edit(EPOCHS, "2")
    session.apply_fix(finding(session, "small-memory-batch"))
    assert session.snapshot.epochs_held and values(session)["iters"] == 3204
    session.edit(GROUP, "16")
    session.apply_fix(finding(session, "thrown-away-iterations"))
    assert not session.snapshot.epochs_held and values(session)["iters"] == 3200


def test_a_finding_without_a_fix_changes_nothing(session):
    before = session.snapshot
    session.apply_fix(Finding("error", "odd", (), "Something is odd."))
    assert session.snapshot is before


def test_what_stands_around_counts_only_for_the_paths_it_is_of(session, tmp_path):
    def look():
        session.known.surroundings_seen(look_around(session.snapshot.config.values, tmp_path))

    assert session.snapshot.surroundings is None and "data-not-here" not in codes(session)
    look()
    assert "data-not-here" in codes(session)
    session.edit("data", "e")
    assert session.snapshot.surroundings is None and "data-not-here" not in codes(session)
    (tmp_path / "e").mkdir()
    look()
    assert "data-not-here" not in codes(session) and "no-rows" in codes(session)


def test_the_same_surroundings_once_more_publish_nothing(session, tmp_path):
    told = []
    session.known.surroundings_seen(look_around(session.snapshot.config.values, tmp_path))
    session.listen(told.append)
    session.known.surroundings_seen(look_around(session.snapshot.config.values, tmp_path))
    assert not told
    (tmp_path / "d").mkdir()
    session.known.surroundings_seen(look_around(session.snapshot.config.values, tmp_path))
    assert len(told) == 1


def test_a_file_that_is_opened_is_looked_around_anew(session, tmp_path):
    session.known.surroundings_seen(look_around(session.snapshot.config.values, tmp_path))
    session.open(session.snapshot.path)
    assert session.snapshot.surroundings is None
