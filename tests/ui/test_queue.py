"""The queue in the app: adding what the forms show, changing the order, and going over to the run that is next."""

import os

import pytest

from app.runs.listing import summarize
from app.runs.queue import Queue, read_queue, write_queue
from app.runs.queued import add
from app.wire.files import write_json
from app.wire.process import identity
from tests.tiny import make_run, tiny  # noqa: F401
from tests.ui.apps import app_on, hears, press, ready, screen_text, sees, story, told_run, until
from tests.ui.scenes import running
from tests.ui.test_starting import text

SIZE = (110, 30)


@pytest.fixture
def idle(monkeypatch):
    """Nothing begins what is queued."""
    monkeypatch.setattr("app.runs.queued.go_on", lambda _: False)
    monkeypatch.setattr("app.ui.queue_watch.go_on", lambda _: False)
    monkeypatch.setattr("app.ui.queue_watch.LOOK_EVERY", 0.1)


def queued(folder, *names):
    (folder / "runs").mkdir()
    runs = [make_run(folder / "runs", {"model": "m", "train": True, "iters": 5, "adapter_path": n}) for n in names]
    for run in runs:
        add(run)
    return runs


def order(folder):
    return list(read_queue(folder / "runs").order)


async def test_the_order_is_changed_and_a_run_taken_out_after_a_question(folder, idle):
    a, b, c = queued(folder, "aa", "bb", "cc")
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await app.go("train")
        await press(pilot, "n")
        await sees(pilot, f" 1  in no file  m, 5 iterations  {a.id}", f"  {c.id}", "Nothing works on the queue")
        await press(pilot, "down", "down", "u", "u")
        await until(pilot, lambda: order(folder) == [c.id, a.id, b.id])
        await sees(pilot, f" 1  in no file  m, 5 iterations  {c.id}")
        await press(pilot, "shift+down")
        await until(pilot, lambda: order(folder) == [a.id, c.id, b.id])
        await press(pilot, "enter")
        await sees(pilot, '"adapter_path": "cc"')
        await press(pilot, "escape", "x")
        await sees(pilot, "Take this run out?")
        await press(pilot, "escape")
        assert len(order(folder)) == 3
        await press(pilot, "x")
        await pilot.click("#remove")
        await until(pilot, lambda: order(folder) == [a.id, b.id])
        await until(pilot, lambda: c.id not in screen_text(app))
        assert not c.path.exists()


async def test_what_the_forms_show_is_queued_after_the_questions_of_a_start(folder, tiny, idle):  # noqa: F811
    app = app_on(folder, text(tiny, num_layers=5))
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        app.action_command("queue_add")
        await sees(pilot, "This cannot train yet", "[layers-above-depth]")
        await pilot.click("#train")
        await hears(pilot, "is number 1 in the queue")
        (first,) = order(folder)
        app.action_command("queue_add")
        await sees(pilot, "This cannot train yet")
        await pilot.click("#train")
        await sees(pilot, f"{first}, which is queued, writes its adapter")
        await pilot.click("#cancel")
        assert order(folder) == [first] and app.place != "train"


async def test_the_train_screen_goes_over_to_the_run_that_the_queue_begins(folder, idle):
    before, after = told_run(folder, story()[:50]), told_run(folder, story()[:80])
    here = {"pid": os.getpid(), "identity": identity(os.getpid())}
    write_json(before.trainer, here)
    app = app_on(folder, run=before)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.watched.reading and app.watched.reading.summary.alive)
        write_json(after.trainer, here)
        write_queue(folder / "runs", Queue(started=after.id))
        await hears(pilot, f"Next from the queue: {after.id} began.")
        assert app.watched.folder == before, "as long as it goes on"
        write_json(before.trainer, here | {"identity": "gone"})
        await until(pilot, lambda: app.watched.folder == after and app.watched.reading)
        await sees(pilot, after.id)


async def test_a_run_of_the_past_stays_on_the_screen_when_the_queue_begins_another(folder, idle):
    past, after = told_run(folder, story()), told_run(folder, story()[:80])
    app = app_on(folder, run=past)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.watched.reading)
        write_queue(folder / "runs", Queue(started=after.id))
        await hears(pilot, f"Next from the queue: {after.id} began.")
        await pilot.pause(0.3)
        assert app.watched.folder == past


async def test_the_app_takes_a_queue_up_that_nothing_works_on_and_says_so(folder, monkeypatch):
    taken_up = []
    monkeypatch.setattr("app.runs.queued.go_on", lambda _: False)
    monkeypatch.setattr("app.ui.queue_watch.go_on", lambda runs_dir: not taken_up.append(runs_dir))
    (run,) = queued(folder, "aa")
    app = app_on(folder)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        await hears(pilot, "The queue goes on where it stood.")
        assert taken_up == [folder / "runs"] and summarize(run).state == "queued"


async def test_stopping_and_leaving_say_what_waits(folder, idle):
    queued(folder, "aa", "bb")
    app = app_on(folder, run=running(folder))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for key, question in (("ctrl+x", "Stop this run?"), ("ctrl+q", "A run goes on")):
            await press(pilot, key)
            await sees(pilot, question, "2 queued runs begin after it", "they wait.")
            await press(pilot, "escape")
