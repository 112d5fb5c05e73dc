"""What a duration is judged by: run folders as the trainer leaves them, their events made here."""

import json
import os

import pytest

from app.config.config import defaults, edit, native
from app.runs.folder import create_run
from app.runs.pace import Pace, duration_words, pace
from app.wire.events import Ended, Phase, Report, Started, Step, Validation, encode
from app.wire.files import read_json, write_json
from app.wire.process import identity

DEAD = 2**22 + 1


def config(**changes):
    ours = edit(edit(edit(defaults(), "model", "org/model"), "train", True), "data", "org/rows")
    for key, value in changes.items():
        ours = edit(ours, key, value)
    return native(ours)


def story(seconds=0.5, steps=10, first=60.0, validation=4.0):
    """Two steps that are compiled, then steady ones, and two validations."""
    yield Started(1.0, 5, steps)
    yield Validation(1.0, 0, 3.0, validation)
    for at in range(1, steps + 1):
        yield Step(2.0, at, 3.0, 100, first / at if at <= 2 else seconds)
        if at % 5 == 0:
            yield Report(2.0, at, 3.0, 1e-5, 1 / seconds, 200.0, 100 * at, 10**9)
    yield Validation(3.0, steps - 1, 2.0, validation)


def make(runs, theirs, events, *, outcome="finished", start=None, alive=False):
    run = create_run(runs, theirs, b"", None, start or runs)
    ending = [Ended(9.0, outcome, 10)] if outcome else []
    run.events.write_text("".join(encode(event) for event in [*events, *ending]))
    pid = os.getpid() if alive else DEAD
    write_json(run.trainer, {"pid": pid, "identity": identity(pid) or "gone"})
    manifest = read_json(run.manifest)
    write_json(run.manifest, manifest | {"created": f"2026-01-01T{len(list(runs.iterdir())):06}"})
    return run


def test_nothing_is_known_without_runs(tmp_path):
    assert pace(tmp_path / "none", config()) is None
    (tmp_path / "a file").touch()
    (tmp_path / "no run").mkdir()
    assert pace(tmp_path, config()) is None
    assert duration_words(None, 100) == "not known yet: no comparable run of this model here"


def test_the_same_training_takes_as_long_as_it_took(tmp_path):
    run = make(tmp_path, config(), story())
    assert pace(tmp_path, config()) == Pace(2.0, 4.0, run.id, 4, True)


def test_the_newest_run_counts(tmp_path):
    make(tmp_path, config(), story(seconds=9))
    newest = make(tmp_path, config(), story(seconds=0.25))
    found = pace(tmp_path, config())
    assert (found.run, found.iterations_per_second) == (newest.id, 4.0)


@pytest.mark.parametrize(("outcome", "alive", "known"), [
    ("finished", False, True), ("stopped", False, True), ("", True, True), ("failed", False, False), ("", False, False),
])  # fmt: skip
def test_a_run_that_came_to_grief_is_no_measure(tmp_path, outcome, alive, known):
    make(tmp_path, config(), story(), outcome=outcome, alive=alive)
    assert (pace(tmp_path, config()) is not None) is known


@pytest.mark.parametrize(
    "changes",
    [{"model": "org/other"}, {"data": "org/others"}, {"max_seq_length": 1024}, {"num_layers": 8}, {"text_feature": "x"},
     {"grad_checkpoint": True}, {"fine_tune_type": "full"}, {"use_dora": True}, {"lora_parameters.rank": 32},
     {"lora_parameters.keys": ["self_attn.q_proj"]}, {"batch_size": 1}, {"batch_size": 9}],
)  # fmt: skip
def test_what_changes_an_iteration_in_unknown_measure_makes_it_unknown(tmp_path, changes):
    make(tmp_path, config(), story())
    assert pace(tmp_path, config(**changes)) is None


@pytest.mark.parametrize(
    "changes",
    [{"iters": 9}, {"learning_rate": 1.0}, {"seed": 3}, {"adapter_path": "x"}, {"save_every": 7},
     {"optimizer": "adamw"}, {"lora_parameters.dropout": 0.5}, {"lora_alpha": 1}, {"grad_accumulation_steps": 4},
     {"steps_per_eval": 5}],
)  # fmt: skip
def test_what_hardly_changes_an_iteration_is_the_same(tmp_path, changes):
    make(tmp_path, config(), story())
    assert pace(tmp_path, config(**changes)).exact


def test_another_batch_is_scaled_by_its_rows_where_there_is_no_better(tmp_path):
    run = make(tmp_path, config(batch_size=4), story(seconds=0.5, validation=4.0))
    found = pace(tmp_path, config(batch_size=8))
    assert found == Pace(1.0, 8.0, run.id, 4, False)
    assert duration_words(found, 100) == f"about 2 m, scaled from batch_size 4 in run {run.id}"
    exact = make(tmp_path, config(batch_size=8), story(seconds=0.9))
    make(tmp_path, config(batch_size=4), story(seconds=0.4))
    assert pace(tmp_path, config(batch_size=8)).run == exact.id


def test_a_validation_of_the_whole_set_takes_as_long_whatever_the_batch(tmp_path):
    make(tmp_path, config(val_batches=-1), story(validation=4.0))
    assert pace(tmp_path, config(val_batches=-1, batch_size=8)).validation_seconds == 4.0
    assert pace(tmp_path, config(val_batches=5)).validation_seconds is None


def test_a_run_too_short_to_tell_is_passed_over(tmp_path):
    older = make(tmp_path, config(), story())
    make(tmp_path, config(), story(steps=6))
    make(tmp_path, config(), [Started(1.0, 5, 10), Phase(1.0, "load")])
    assert pace(tmp_path, config()).run == older.id
    enough = make(tmp_path, config(), story(steps=7))
    assert pace(tmp_path, config()).run == enough.id


def test_the_steps_that_mlx_compiles_after_every_start_are_not_counted(tmp_path):
    make(tmp_path, config(), [*story(), *story(seconds=1.0, steps=10)])
    assert pace(tmp_path, config()).iterations_per_second == pytest.approx(1 / 0.75)


def test_seconds_that_are_none_are_not_counted(tmp_path):
    odd = [Step(2.0, 11, 3.0, 1, seconds) for seconds in (0.0, -1.0, float("nan"), float("inf"))]
    make(tmp_path, config(), [*story(), *odd, Validation(1.0, 1, 1.0, float("nan"))])
    assert pace(tmp_path, config()) == pytest.approx(pace(tmp_path, config()))
    assert pace(tmp_path, config()).iterations_per_second == 2.0


def test_a_long_run_is_read_from_its_end(tmp_path):
    run = make(tmp_path, config(), story(seconds=50.0))
    with run.events.open("a") as file:
        file.write(encode(Step(2.0, 1, 3.5, 40, 0.1)) * 40_000)
        file.write(encode(Phase(2.0, "test", "", 1, 2)) * 2_000 + encode(Ended(3.0, "finished", 10)))
    assert pace(tmp_path, config()).iterations_per_second == pytest.approx(10.0)


def test_a_run_of_another_computer_is_no_measure(tmp_path):
    run = make(tmp_path, config(), story())
    manifest = read_json(run.manifest)
    machine = manifest["machine"]
    nearly = machine | {"memory": int(machine["memory"] * 1.001), "system": "an older system"}
    write_json(run.manifest, manifest | {"machine": nearly})
    assert pace(tmp_path, config())
    others = [
        machine | {"cores": 999},
        machine | {"memory": 2 * machine["memory"]},
        machine | {"backend": []},
        None,
        {},
    ]
    for other in others:
        write_json(run.manifest, manifest | {"machine": other})
        assert pace(tmp_path, config()) is None


def test_the_same_words_in_another_place_are_another_model(tmp_path):
    for place in ("here", "there"):
        (tmp_path / place / "model").mkdir(parents=True)
    runs = tmp_path / "runs"
    run = make(runs, config(model="model"), story(), start=tmp_path / "here")
    assert pace(runs, config(model="model"), tmp_path / "here").run == run.id
    assert pace(runs, config(model=str(tmp_path / "here" / "model")), tmp_path / "there").run == run.id
    assert pace(runs, config(model="model"), tmp_path / "there") is None


def test_damaged_runs_are_passed_over(tmp_path):
    good = make(tmp_path, config(), story())
    for name in ("resolved", "manifest", "events"):
        run = make(tmp_path, config(), story())
        getattr(run, name).write_bytes(b'\xff{"train": [')
    for batch in (None, 0, "4", True, [4]):
        run = make(tmp_path, config(), story())
        run.resolved.write_text(json.dumps(config() | {"batch_size": batch}))
    assert pace(tmp_path, config()).run == good.id


@pytest.mark.parametrize(
    ("iters", "words"),
    [(1, "1 s"), (150, "75 s"), (2880, "24 m"), (10_700, "89 m"), (10_900, "1 h 30 m"), (25_000, "3 h 30 m"),
     (86_390 * 2, "24 h"), (400_000, "56 h")],
)  # fmt: skip
def test_durations_are_as_fine_as_an_estimate_deserves(iters, words):
    assert duration_words(Pace(2.0, None, "r", 4, True), iters) == f"about {words}, as in run r"


def test_validations_are_in_it_where_their_time_is_known():
    assert duration_words(Pace(2.0, 6.0, "r", 4, True), 120, 10) == "about 2 m, as in run r"
    assert duration_words(Pace(2.0, None, "r", 4, True), 240, 10) == "about 2 m, without its validations, as in run r"
