"""Pausing, resuming and leaving a run that goes on, with a real trainer; and what a run may do besides mlx-lm's."""

from app.runs.listing import summarize
from app.runs.resume import plan
from app.session.run_choices import chosen_options
from app.wire.events import Checkpoint, Ended, Started, encode
from app.wire.files import read_json, write_json
from app.wire.run_options import RunOptions
from tests.tiny import events, start, tiny, tiny_config, wait_for  # noqa: F401
from tests.ui.apps import app_on, hears, press, ready, sees, until
from tests.ui.scenes import running, stopped

SIZE = (100, 30)
ENDLESS = {"iters": 100_000, "save_every": 20}


async def test_one_key_pauses_and_one_key_goes_on(folder, tiny):  # noqa: F811
    run = start(folder / "runs", tiny_config(tiny, folder / "adapter", **ENDLESS))
    wait_for(lambda: any(isinstance(event, Checkpoint) for event in events(run)))
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await sees(pilot, "p Pause")
        await press(pilot, "p")
        await sees(pilot, "‖ paused at iteration", "r Resume")
        assert summarize(run).state == "paused"
        reached = summarize(run).iteration
        await press(pilot, "r")
        await until(pilot, lambda: app.watched.reading and app.watched.live)
        await until(pilot, lambda: app.watched.history.iteration > reached)
        await press(pilot, "ctrl+q")
        await sees(pilot, "A run goes on", "Leave it running")
        await press(pilot, "right", "right", "enter")
        await until(pilot, lambda: app._exit)
    assert app.farewell.startswith("The run stops at its next micro-batch. Go on with it: tunedeck resume ")
    wait_for(run.exit.exists)
    assert summarize(run).state == "stopped"
    assert [event for event in events(run) if isinstance(event, Started)][1:]
    assert read_json(run.manifest)["continued"][0]["from"] == reached


async def test_a_paused_run_is_told_of_where_one_begins_and_taken_up_from_there(folder):
    run = stopped(folder)
    with run.events.open("a") as file:
        file.write(encode(Started(101.0, 1, 400)) + encode(Ended(102.0, "paused", 100)))
    app = app_on(folder, None, place="start")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await sees(pilot, "Paused", run.id, "iteration 100 of 400", "r resumes it")
        await press(pilot, "ctrl+t")
        await sees(pilot, "No run is watched", "is paused at iteration 100: r resumes it", "r Resume")
        await press(pilot, "r")
        await sees(pilot, "Resume this run?", "nothing saved to go on from")
        await press(pilot, "escape")
        assert app.watched.folder == run
        await sees(pilot, "‖ paused")


async def test_a_run_that_is_left_goes_on_unless_one_says_otherwise(folder):
    run = running(folder)
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+q")
        await sees(pilot, "A run goes on")
        await press(pilot, "escape")
        assert not app._exit
        await press(pilot, "ctrl+q")
        await sees(pilot, "A run goes on")
        await press(pilot, "enter")
        await until(pilot, lambda: app._exit)
    assert app.farewell.startswith(f"The run goes on. Watch it: tunedeck attach {run.id}")
    assert not run.stop.exists()


async def test_the_second_stop_is_about_ending_at_once(folder, monkeypatch):
    """The trainer is this very process, so that nobody may really end it."""
    ended = []
    monkeypatch.setattr("app.ui.actions.running.request_stop", lambda run, kind: True)
    monkeypatch.setattr("app.ui.actions.running.end_at_once", lambda run: ended.append(run) or True)
    app = app_on(folder, run=running(folder))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+x")
        await sees(pilot, "Stop this run?")
        await press(pilot, "right", "enter")
        await sees(pilot, "▶ stopping; ^x again ends it at once")
        await press(pilot, "ctrl+x")
        await sees(pilot, "End this run at once?", "checkpoint is lost")
        await press(pilot, "enter")
        assert not ended, "the first answer is the harmless one"
        await press(pilot, "ctrl+x")
        await sees(pilot, "End this run at once?")
        await press(pilot, "right", "enter")
        await until(pilot, lambda: ended)


async def test_a_question_about_a_run_goes_with_its_end(folder, monkeypatch):
    monkeypatch.setattr("app.ui.actions.running.request_stop", lambda run, kind: True)
    run = running(folder)
    app = app_on(folder, run=run)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+x")
        await sees(pilot, "Stop this run?")
        await press(pilot, "right", "enter", "ctrl+x")
        await sees(pilot, "End this run at once?", "▶ stopping 50%")
        with run.events.open("a") as file:
            file.write(encode(Ended(300.0, "stopped", 200)))
        await until(pilot, lambda: not app.screen.is_modal)
        await sees(pilot, "■ stopped at iteration 200")
        assert not app.works_now("stop")


async def test_the_best_adapter_takes_the_place_of_the_final_one(folder):
    run = stopped(folder)
    (run.best / "0000099" / "adapter_config.json").write_text("{}")
    (folder / "tuned").mkdir()
    (folder / "tuned" / "adapters.safetensors").write_bytes(b"the last")
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.watched.history.best)
        await press(pilot, "b")
        await sees(pilot, "Use the best adapter?", "iteration 99")
        await press(pilot, "enter")
        await hears(pilot, "The adapter is that of iteration 99 now")
        await sees(pilot, "99 adapters.safetensors", "100 0000100_adapters.safetensors")
        assert not app.works_now("use_best")
    assert (folder / "tuned" / "adapters.safetensors").read_bytes() == b"the best"
    assert (folder / "tuned" / "0000100_adapters.safetensors").read_bytes() == b"the last"


async def test_a_file_that_says_something_else_now_asks_before_the_run_goes_on(folder):
    run = stopped(folder)
    write_json(run.manifest, read_json(run.manifest) | {"source": str(folder / "train.yaml")})
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.watched.can_be_resumed)
        await press(pilot, "r")
        await sees(
            pilot, "Resume this run?", "nothing saved to go on from", "Resume as it was", "Resume with the changes"
        )
        await press(pilot, "escape")
    assert plan(run).state is None and not run.stop.exists()


async def test_run_options_are_kept_and_given_to_the_next_run(folder):
    app = app_on(folder, state=folder.parent / "kept")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.action_command("run_options")
        await sees(pilot, "Run options", "Stop early after", "On low memory")
        await press(pilot, "backspace", "x", "enter")
        assert chosen_options(app.window) == RunOptions()
        await press(pilot, "delete", "backspace", "3", "down", "down", "space", "enter")
        await hears(pilot, "differ from mlx-lm: ends early, validates on the same rows each time")
    assert chosen_options(app.window) == RunOptions(patience=3, fixed_validation=True)
    again = app_on(folder, state=folder.parent / "kept")
    assert chosen_options(again.window) == RunOptions(patience=3, fixed_validation=True)
