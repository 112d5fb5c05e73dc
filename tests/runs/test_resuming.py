"""What taking a run up comes to, told before it is done."""

import shutil

import pytest

from app.runs.changes import Effect, changes
from app.runs.folder import RunError, create_run
from app.runs.inputs import changed_inputs, inputs_of
from app.runs.listing import summarize
from app.runs.resume import plan, resume, resume_points
from app.runs.stop import PAUSE, request_stop
from app.wire.files import read_json
from tests.tiny import start, tiny, tiny_config, wait_for_end  # noqa: F401


@pytest.fixture(scope="module")
def ended(tiny, tmp_path_factory):  # noqa: F811
    """A run of six iterations with states of the second, fourth and sixth. Copy it before changing it."""
    folder = tmp_path_factory.mktemp("ended")
    run = start(folder / "runs", tiny_config(tiny, folder / "adapter", save_every=2))
    wait_for_end(run)
    return run


def test_states_that_are_not_whole_are_passed_over(ended, tmp_path):
    run = type(ended)(tmp_path / ended.id)
    shutil.copytree(ended.path, run.path)
    assert resume_points(run) == (6, 4, 2)
    weights = run.states / "0000006" / "optimizer.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    (run.states / ".0000008").mkdir()
    assert resume_points(run) == (4, 2)
    assert (plan(run).iteration, plan(run).lost) == (4, 2)
    (run.states / "0000004" / "state.json").write_text("{")
    assert plan(run).iteration == 2
    shutil.rmtree(run.states)
    assert (plan(run).state, plan(run).iteration) == (None, 0)


def test_a_run_that_went_back_and_was_paused_before_its_first_step_has_lost_nothing(ended, tmp_path):
    run = type(ended)(tmp_path / ended.id)
    shutil.copytree(ended.path, run.path)
    resume(plan(run, since=3))
    request_stop(run, PAUSE)
    last = wait_for_end(run)[-1]
    assert (last.outcome, last.iteration) == ("paused", 2)
    assert (summarize(run).state, summarize(run).iteration) == ("paused", 6)
    assert (resume_points(run), plan(run).iteration, plan(run).lost) == ((6, 4, 2), 6, 0)
    told = run.events.read_bytes().splitlines(keepends=True)
    run.events.write_bytes(b"".join(told[: len(told) // 2]))
    assert plan(run).iteration == 6, "a power cut costs the last events, and no state"


def test_a_finished_run_goes_on_only_with_more_iterations(ended):
    config = read_json(ended.resolved)
    assert plan(ended).obstacle.startswith("iters: the run has come to iteration 6 already")
    assert plan(ended, config=config | {"iters": 9}).obstacle is None
    assert plan(ended, since=5).obstacle is None
    with pytest.raises(RunError, match=r"at or before iteration 1; there is: 2, 4, 6\."):
        plan(ended, since=1)


def test_changes_say_what_they_mean(ended):
    config = read_json(ended.resolved)
    other = config | {"batch_size": 2, "iters": 9, "lora_parameters": config["lora_parameters"] | {"rank": 8}}
    planned = plan(ended, config=other)
    assert {change.key: change.effect for change in planned.changes} == {
        "lora_parameters.rank": Effect.UNFIT,
        "batch_size": Effect.FRESH_ORDER,
        "iters": Effect.GOES_ON,
    }
    assert planned.changes[0].effect is Effect.UNFIT
    assert planned.begins_other_order
    assert planned.obstacle.startswith("lora_parameters.rank: ")
    with pytest.raises(RunError, match="begin a new one"):
        resume(planned)
    assert (
        "no whole number of updates" in plan(ended, config=config | {"iters": 9, "grad_accumulation_steps": 4}).obstacle
    )


def test_every_key_that_differs_has_a_meaning():
    before = {"iters": 1, "report_to": None, "lora_parameters": {"scale": 1.0}}
    after = {"iters": 1, "report_to": "wandb", "lora_parameters": {"scale": 2.0, "dropout": 0.1}}
    found = {change.key: (change.before, change.after) for change in changes(before, after)}
    assert found == {
        "report_to": (None, "wandb"),
        "lora_parameters.scale": (1.0, 2.0),
        "lora_parameters.dropout": (None, 0.1),
    }
    assert all(change.meaning for change in changes(before, after))


def test_files_that_were_changed_meanwhile_are_named(tiny, tmp_path):  # noqa: F811
    data = tmp_path / "data"
    shutil.copytree(tiny / "data", data)
    config = tiny_config(tiny, tmp_path / "adapter", data=str(data))
    recorded = inputs_of(config, tmp_path)
    assert changed_inputs(recorded, config, tmp_path) == []
    with (data / "train.jsonl").open("a") as file:
        file.write('{"messages": []}\n')
    (data / "test.jsonl").unlink()
    assert changed_inputs(recorded, config, tmp_path) == [str(data / "train.jsonl"), str(data / "test.jsonl")]


def test_the_adapter_of_a_later_run_is_not_overwritten_unasked(ended, tmp_path):
    runs = tmp_path / "runs"
    run = type(ended)(runs / ended.id)
    shutil.copytree(ended.path, run.path)
    config = read_json(run.resolved)
    later = create_run(runs, config, b"", None, runs)
    shutil.copy(run.events, later.events)
    planned = plan(run, config=config | {"iters": 9})
    with pytest.raises(RunError, match=f"the adapter of a later run, {later.id}"):
        resume(planned)
    assert read_json(run.manifest) == read_json(ended.manifest)
