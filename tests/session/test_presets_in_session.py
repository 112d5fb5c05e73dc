"""Presets on a session's configuration: looked at, applied as one step, in each other's way."""

import pytest

from app.config.config import ALPHA, DROPOUT, RANK, SCALE, Origin
from app.config.preset_file import read_preset
from app.config.presets import load_presets
from app.data.rows import RowCounts
from app.session.facts import learn_model
from app.session.store import EPOCHS, Session
from tests.tiny import tiny  # noqa: F401

PRESETS = {preset.id: preset for preset in load_presets(None)[0]}
SMALL, GENTLE, STYLE, BEST = (PRESETS[name] for name in ("16gb", "anti-forgetting", "style", "max-quality"))


@pytest.fixture
def session(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text("model: m\ndata: d\ntrain: true\niters: 100\nbatch_size: 2\nnum_layers: 16\n")
    session = Session()
    session.open(path)
    return session


def own(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    return read_preset(path)


def values(session):
    return session.snapshot.config.values


def test_a_look_at_what_it_would_do_does_nothing(session):
    seen = []
    session.listen(seen.append)
    before = session.snapshot
    changes = {change.key: (change.before, change.after) for change in session.preview(SMALL).changes}
    assert changes["batch_size"] == (2, 1) and changes["num_layers"] == (16, 12)
    assert session.preset_conflicts(SMALL) == ()
    assert session.snapshot is before and not seen


@pytest.mark.parametrize("preset", [SMALL, GENTLE, STYLE, BEST], ids=lambda preset: preset.id)
def test_what_was_previewed_is_what_is_applied_and_one_undo_takes_it_back(session, preset):
    session.edit("seed", "9")
    before, previewed = session.snapshot, session.preview(preset)
    assert session.apply_preset(preset) == previewed
    assert values(session) == previewed.config.values and session.snapshot.presets == (preset,)
    assert session.snapshot.generation > before.generation
    assert len(previewed.changes) > 2
    assert session.undo() in {change.key for change in previewed.changes}
    assert (values(session), session.snapshot.presets) == (before.config.values, ())
    assert session.snapshot.config.origins == before.config.origins
    session.redo()
    assert values(session) == previewed.config.values and session.snapshot.presets == (preset,)


def test_what_it_sets_is_a_preset_s_even_where_it_stood_so_before(session):
    session.edit("num_layers", "12")
    applied = session.apply_preset(SMALL)
    assert "num_layers" in {same.key for same in applied.already}
    origins = session.snapshot.config.origins
    assert origins["num_layers"] is origins["batch_size"] is Origin.PRESET
    assert origins["iters"] is Origin.FILE and origins["seed"] is Origin.DEFAULT
    session.edit("batch_size", "3")
    assert session.snapshot.config.origins["batch_size"] is Origin.TYPED
    assert session.snapshot.presets == (SMALL,), "the others of its values are there still"


def test_presets_stack_and_the_later_one_says_what_it_undoes(session, tmp_path):
    session.apply_preset(GENTLE)
    assert session.preset_conflicts(SMALL) == ()
    session.apply_preset(SMALL)
    assert (values(session)["learning_rate"], values(session)["batch_size"]) == (1e-5, 1)
    assert session.snapshot.presets == (GENTLE, SMALL)
    rash = own(tmp_path, "preset: {name: Rash}\nlearning_rate: 2e-5\nlora_parameters: {scale: 8.0}\n")
    said = {conflict.key: str(conflict) for conflict in session.preset_conflicts(rash)}
    assert set(said) == {"learning_rate", ALPHA}, "scale undoes alpha, which is the same by another name"
    assert said["learning_rate"] == "learning_rate: Rash makes it 2e-5, where Anti-forgetting had 1e-5."
    session.apply_preset(rash)
    assert values(session)["learning_rate"] == 2e-5 and values(session)[SCALE] == 8.0
    assert {conflict.key for conflict in session.preset_conflicts(GENTLE)} == {"learning_rate", "lora_parameters.scale"}


def test_one_applied_again_counts_once_and_conflicts_with_itself_never(session):
    session.apply_preset(SMALL)
    session.apply_preset(GENTLE)
    assert session.preset_conflicts(SMALL) == ()
    applied = session.apply_preset(SMALL)
    assert not applied.changes and session.snapshot.presets == (GENTLE, SMALL)
    assert session.undo() in {setting.key for setting in GENTLE.settings}, "what changed nothing is no step"
    assert session.snapshot.presets == (SMALL,)


def test_it_takes_the_place_of_a_draft_of_its_own_keys_alone(session):
    session.edit(RANK, "many")
    session.edit("seed", "x")
    session.apply_preset(GENTLE)
    assert session.text(RANK) == "8" and set(session.snapshot.errors) == {"seed"}
    session.undo()
    assert session.text(RANK) == "many"


def test_to_take_the_place_of_a_draft_is_a_step_even_where_no_value_changes(session):
    session.apply_preset(GENTLE)
    session.edit(RANK, "many")
    applied = session.apply_preset(GENTLE)
    assert not applied.changes and session.text(RANK) == "8"
    assert session.undo() == RANK and session.text(RANK) == "many"


def test_held_epochs_hold_unless_it_says_iters(session, tmp_path):
    session.rows_counted("d", RowCounts(train=400))
    session.edit(EPOCHS, "2")
    assert values(session)["iters"] == 400
    session.apply_preset(SMALL)
    assert values(session)["iters"] == 800 and session.snapshot.epochs_held
    session.apply_preset(own(tmp_path, "preset: {name: Long}\niters: 5000\n"))
    assert values(session)["iters"] == 5000 and not session.snapshot.epochs_held


def test_layers_are_no_more_than_the_model_has_once_that_is_known(session, tiny):  # noqa: F811
    assert session.preview(SMALL).config.values["num_layers"] == 12
    session.edit("model", str(tiny / "model"))
    session.known.model_learned(str(tiny / "model"), learn_model(str(tiny / "model"), tiny))
    applied = session.apply_preset(SMALL)
    (change,) = [change for change in applied.changes if change.key == "num_layers"]
    assert (change.after, change.note) == (2, "12 is more than the model's 2")
    assert "layers-above-depth" not in {finding.code for finding in session.snapshot.findings}
    assert session.preset_conflicts(GENTLE) == (), "both mean all of the two layers"
    session.edit("model", "another")
    assert session.preview(SMALL).config.values["num_layers"] == 12


def test_what_it_made_is_saved_under_stock_names_and_is_the_file_s_then(session, tmp_path):
    session.apply_preset(GENTLE)
    session.save(session.snapshot.path, session.rendered())
    assert "lora_parameters:\n  rank: 8\n  scale: 1.0\n  dropout: 0.1" in session.snapshot.path.read_text()
    assert session.snapshot.config.origins[DROPOUT] is Origin.FILE and session.snapshot.presets == (GENTLE,)
    session.open(session.snapshot.path)
    assert session.snapshot.presets == ()
