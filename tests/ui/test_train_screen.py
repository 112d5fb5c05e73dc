"""The Train screen on runs that have told their story, and on none."""

import os
import subprocess
import sys
import time

import pytest

from app.session.watch import Watch
from app.ui.chart import LossChart
from app.ui.screens.train import TrainScreen
from app.ui.widgets.run_notes import Checkpoints, LogPane
from app.ui.widgets.tiles import Tiles
from app.wire.events import Ended, Started, encode
from app.wire.files import read_json, write_json
from app.wire.process import identity
from tests.ui.apps import REFERENCE, app_on, hears, press, ready, screen_text, sees, story, told_run, until, values
from tests.ui.scenes import dead, running

SIZE = (100, 30)


def shown(app, kind) -> str:
    return str(app.screen.query_one(kind).render())


async def read(pilot) -> None:
    """Waits for the first look at the run."""
    await ready(pilot)
    await until(pilot, lambda: pilot.app.watched.reading is not None)


async def test_a_finished_run_shows_its_whole_story(folder):
    app = app_on(folder, run=told_run(folder, story()))
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        assert isinstance(app.screen, TrainScreen)
        tiles = shown(app, Tiles)
        assert "400/400" in tiles and "1.2 GB" in tiles and "1.00e-05" in tiles
        assert "0000400_adapters.safetensors" in shown(app, Checkpoints)
        assert "2 rows are [cut]" in shown(app, Checkpoints)
        assert "finished at iteration 400" in app.run_words
        assert not app.watched.live and app.check_action("command", ("stop",)) is False


async def test_the_log_is_neither_markup_nor_escapes(folder):
    app = app_on(folder, run=told_run(folder, story()))
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        assert "\\x1b[2Jiteration 400: done [red]not markup[/x]" in shown(app, LogPane)


async def test_a_failed_run_says_why_as_it_is(folder):
    run = told_run(folder, [*story()[:50], Ended(60.0, "failed", 40, "row 7 of [x] has no key 'text'")])
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        assert "✗ failed: row 7 of [x] has no key 'text'" in app.run_words


async def test_a_trainer_that_died_has_its_report_in_place_of_the_log(folder):
    app = app_on(folder, run=dead(folder))
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        await sees(
            pilot, "✗ died: The GPU ran out", "• Set grad_checkpoint", "At the last look the trainer held 11.0 GB"
        )
        assert not app.screen.query_one("#notes").display and "libc++abi" not in screen_text(app)
        await press(pilot, "i")
        await sees(
            pilot, "Esc closes", "The last checkpoint is of iteration 200", "Trace", "[red]Insufficient Memory\\x1b[2J"
        )
        await press(pilot, "escape")
        with app.watched.folder.events.open("a") as file:
            file.write(encode(Started(90.0, 2, 400)))
        write_json(app.watched.folder.trainer, {"pid": os.getpid(), "identity": identity(os.getpid())})
        app.screen.follow(Watch(app.watched.folder))
        await until(pilot, lambda: app.screen.query_one("#notes").display)


async def test_what_its_report_proposes_is_done_in_the_forms_and_taken_back(folder):
    run = dead(folder)
    write_json(run.manifest, read_json(run.manifest) | {"source": str(folder / "train.yaml")})
    app = app_on(folder, REFERENCE.replace("grad_checkpoint: true\n", ""), run=run)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        await press(pilot, "m")
        await sees(pilot, "Change this in the forms")
        await press(pilot, "enter")
        await hears(pilot, "In the forms grad_checkpoint is true. Now r resumes")
        assert values(app)["grad_checkpoint"] is True
        await press(pilot, "ctrl+t", "ctrl+z")
        await until(pilot, lambda: values(app)["grad_checkpoint"] is False)


async def test_events_that_come_later_are_folded_in(folder):
    events = story()
    run = told_run(folder, events[:100])
    run.trainer.unlink()
    run.exit.unlink()  # a run that is starting: more is to come
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        before = app.watched.history.iteration
        with run.events.open("a") as file:
            file.write("".join(map(encode, events[100:200])))
        await until(pilot, lambda: app.watched.history.iteration > before > 0)


async def test_without_a_run_it_says_how_to_begin(folder):
    app = app_on(folder, place="lora")
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+t")
        await sees(pilot, "Ctrl+R trains")
        await press(pilot, "ctrl+t")
        assert app.place == app.group == "lora"


async def test_log_scale_by_its_key_from_anywhere_on_the_screen(folder):
    async with app_on(folder, run=told_run(folder, story())).run_test(size=SIZE) as pilot:
        await read(pilot)
        await press(pilot, "shift+tab", "ctrl+l")
        await until(pilot, lambda: pilot.app.screen.query_one(LossChart).view.log)


async def test_a_run_that_goes_on_shows_in_the_title_of_every_screen(folder):
    app = app_on(folder, run=running(folder))
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        await sees(pilot, "▶ training 50%", "^x Stop and save")
        await press(pilot, "ctrl+t")
        await sees(pilot, "▶ training 50%")
        assert not app.works_now("stop") and not app.works_now("start")
        await press(pilot, "ctrl+q")
        await sees(pilot, "A run goes on", "Leave it running")
        await press(pilot, "enter")
        assert app.farewell.startswith(f"The run goes on. Watch it: tunedeck attach {app.watched.folder.id}")


async def test_stopping_asks_first_and_then_asks_the_trainer(folder):
    """The trainer is a process that sleeps, and ends when it is asked to."""
    run = running(folder)
    trainer = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        write_json(run.trainer, {"pid": trainer.pid, "identity": identity(trainer.pid)})
        app = app_on(folder, run=run)
        async with app.run_test(size=SIZE) as pilot:
            await read(pilot)
            await press(pilot, "ctrl+x")
            await sees(pilot, "Stop this run?", "its adapter is saved")
            await press(pilot, "enter")
            assert trainer.poll() is None and not run.stop.exists(), "the first answer is the harmless one"
            await press(pilot, "ctrl+x")
            await sees(pilot, "Stop this run?")
            await press(pilot, "right", "enter")
            await until(pilot, lambda: trainer.poll() is not None)
            await until(pilot, lambda: not app.watched.live)
            assert run.stop.exists() and "^r Run" in screen_text(app)
    finally:
        trainer.kill()
        trainer.wait()


async def test_what_cannot_train_says_why_and_starts_nothing(folder):
    app = app_on(folder, "model: rows\ndata: rows\ntrain: true\n")
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await press(pilot, "ctrl+r")
        await sees(pilot, "This cannot train yet", "no config.json")
        await press(pilot, "enter")
        assert not app.screen.is_modal and app.place == "core"
    assert not (folder / "runs").exists()


async def test_a_typed_error_keeps_a_run_from_starting(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await app.go_to_field("iters")
        await press(pilot, "x", "ctrl+r")
        await sees(pilot, "This cannot train yet", "iters:")
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (200, 60)])
async def test_no_size_breaks_it(folder, size):
    app = app_on(folder, run=told_run(folder, story(spoiled=120)))
    async with app.run_test(size=size) as pilot:
        await read(pilot)
        await pilot.resize_terminal(size[1] * 2, size[0] // 2)
        assert app.is_running and app.watched.history.non_finite == 1


async def test_a_trainer_that_says_nothing_is_seen_to_be_silent(folder):
    run = running(folder)
    long_ago = time.time() - 200
    os.utime(run.events, (long_ago, long_ago))
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await read(pilot)
        await sees(pilot, "▶ training · nothing heard for 3 m 20 s")
        with run.events.open("a") as file:
            file.write(encode(story()[-3]))
        await until(pilot, lambda: "nothing heard" not in screen_text(app))
