"""The Train screen on runs that have told their story, and on none."""

import pytest

from app.ui.chart import LossChart
from app.ui.screens.train import TrainScreen, headline
from app.ui.widgets.run_notes import Checkpoints, LogPane
from app.ui.widgets.tiles import Tiles
from app.wire.events import Ended, encode
from tests.ui.apps import app_on, story, told_run

SIZE = (100, 30)


def shown(app, kind) -> str:
    return str(app.screen.query_one(kind).render())


async def test_a_finished_run_shows_its_whole_story(folder):
    app = app_on(folder, run=told_run(folder, story()))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.6)
        assert isinstance(app.screen, TrainScreen)
        tiles = shown(app, Tiles)
        assert "400/400" in tiles and "1.2 GB" in tiles and "1.00e-05" in tiles and "10.0/16 GB" in tiles
        assert "0000400_adapters.safetensors" in shown(app, Checkpoints) and "2 rows are [cut]" in shown(
            app, Checkpoints
        )
        assert "finished at iteration 400" in app.run_words
        assert not app.watched.live and app.check_action("command", ("stop",)) is False


async def test_the_log_is_neither_markup_nor_escapes(folder):
    app = app_on(folder, run=told_run(folder, story()))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.6)
        assert "\\x1b[2Jiteration 400: done [red]not markup[/x]" in shown(app, LogPane)


async def test_a_failed_run_says_why_as_it_is(folder):
    run = told_run(folder, [*story()[:50], Ended(60.0, "failed", 40, "row 7 of [x] has no key 'text'")])
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.6)
        assert "✗ failed: row 7 of [x] has no key 'text'" in app.run_words


async def test_a_trainer_that_died_is_told_from_one_that_ended(folder):
    run = told_run(folder, story()[:50])
    run.exit.write_text('{"code": null, "signal": 9}')
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.6)
        words = headline(app.watched.reading.summary, app.watched.history)
        assert "SIGKILL" in words and words.startswith("✗")


async def test_events_that_come_later_are_folded_in(folder):
    events = story()
    run = told_run(folder, events[:100])
    run.trainer.unlink()
    run.exit.unlink()  # a run that is starting: more is to come
    app = app_on(folder, run=run)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.5)
        before = app.watched.history.iteration
        with run.events.open("a") as file:
            file.write("".join(map(encode, events[100:200])))
        await pilot.pause(0.8)
        assert app.watched.history.iteration > before > 0


async def test_without_a_run_it_says_how_to_begin(folder):
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+t")
        await pilot.pause(0.6)
        assert "Ctrl+R" in app.screen.query_one(LossChart).placeholder
        await pilot.press("ctrl+t")
        await pilot.pause(0.2)
        assert app.current_mode == app.last_form


async def test_log_scale_by_its_key_from_anywhere_on_the_screen(folder):
    app = app_on(folder, run=told_run(folder, story()))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.5)
        await pilot.press("ctrl+l")
        await pilot.pause(0.1)
        assert app.screen.query_one(LossChart).view.log


async def test_runs_are_listed_in_the_palettes_chooser_and_watched(folder):
    run = told_run(folder, story())
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        app.action_command("attach")
        await pilot.pause(0.4)
        await pilot.press("enter")
        await pilot.pause(0.8)
        assert app.watched.folder == run and app.watched.history.iteration == 400


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (200, 60)])
async def test_no_size_breaks_it(folder, size):
    app = app_on(folder, run=told_run(folder, story(spoiled=120)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.5)
        await pilot.resize_terminal(size[1] * 2, size[0] // 2)
        await pilot.pause(0.2)
        assert app.is_running and app.watched.history.non_finite == 1
