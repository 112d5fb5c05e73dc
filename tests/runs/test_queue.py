"""Runs one after another: their order, and the process that begins them with nobody there."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from app.runs.folder import RunError
from app.runs.listing import find_run, summarize
from app.runs.queue import Queue, read_queue, write_queue
from app.runs.queue_work import go_on, is_worked_off, next_turn
from app.runs.queued import add, claimed_adapter, let_go_on, look_at_queue, move_by, move_to, remove
from app.runs.stop import request_stop
from app.runs.wording import queue as words
from app.wire.events import Ended, Started, encode
from app.wire.files import write_json
from app.wire.process import identity
from tests.tiny import events, make_run, tiny, tiny_config, wait_for  # noqa: F401


@pytest.fixture
def runs_dir(tmp_path):
    """A runs folder whose queue's process is ended with the test."""
    folder = tmp_path / "runs"
    folder.mkdir()
    yield folder
    for process in workers(folder):
        process.kill()


@pytest.fixture
def idle(runs_dir, monkeypatch):
    """The same, where nothing begins what is queued."""
    monkeypatch.setattr("app.runs.queued.go_on", lambda _: False)
    return runs_dir


def workers(runs_dir):
    mine = [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"]]
    return [process for process in mine if process.info["cmdline"][-3:] == ["app.runs", "queue", str(runs_dir)]]


def made(runs_dir, name="one", **changes):
    """A run that could not train, for tests that never launch it."""
    return make_run(runs_dir, {"model": "m", "train": True, "iters": 5, "adapter_path": name, **changes})


def order(runs_dir):
    return list(read_queue(runs_dir).order)


def state(run):
    return summarize(run).state


def test_places_are_held_within_the_order():
    queue = Queue(("a", "b", "c"))
    assert queue.moved_by("c", -1).order == ("a", "c", "b")
    assert queue.moved_by("a", -1).order == queue.moved_by("c", 1).order == ("a", "b", "c")
    assert queue.moved_to("a", 9).order == ("b", "c", "a")
    assert queue.moved_to("c", 0).order == ("c", "a", "b")
    assert queue.without("b").with_added("d").order == ("a", "c", "d")
    with pytest.raises(RunError, match="x is not queued any more"):
        queue.moved_by("x", 1)


def test_a_queued_run_is_no_run_that_goes_on_or_died(idle):
    begun, waiting = made(idle, "begun"), made(idle, "waiting")
    write_json(begun.exit, {"code": 0, "signal": None})
    add(waiting)
    assert state(waiting) == "queued" and not summarize(waiting).alive
    assert find_run(idle, None) == begun, "the latest to watch is one that has begun"
    with pytest.raises(RunError, match="is queued and has not begun"):
        request_stop(waiting)
    remove(waiting)
    assert not waiting.path.exists() and not order(idle)


def test_two_who_add_at_once_lose_nothing(idle):
    runs = [made(idle, f"run{number}") for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, runs))
    assert sorted(order(idle)) == sorted(run.id for run in runs)


def test_a_damaged_queue_is_not_written_over(idle):
    (idle / "queue.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        add(made(idle))
    assert (idle / "queue.json").read_text() == "{"


def test_the_adapter_of_a_run_before_it_is_found_when_a_run_is_queued(idle, tmp_path):
    first = made(idle, "tuned")
    add(first)
    (tmp_path / "link").symlink_to(tmp_path / "tuned")
    assert first.id in claimed_adapter(idle, tmp_path / "link")
    assert claimed_adapter(idle, tmp_path / "other") is None
    tested = made(idle, "other", train=False)
    add(tested)
    assert claimed_adapter(idle, tmp_path / "other") is None, "a test writes no adapter"


def test_a_paused_run_holds_the_queue_until_it_is_taken_up_or_the_queue_told_to_go_on(idle, monkeypatch):
    begun = []
    monkeypatch.setattr("app.runs.queue_work.launch", begun.append)
    paused, waiting = made(idle, "paused"), made(idle, "waiting")
    paused.events.write_text(encode(Started(1.0, 1, 5)) + encode(Ended(2.0, "paused", 3)))
    write_json(paused.exit, {"code": 0, "signal": None})
    add(waiting)

    held = next_turn(idle, read_queue(idle), paused)
    write_queue(idle, held)
    assert (held.held_by, begun) == (paused.id, [])
    assert next_turn(idle, held, None) == held, "as after a restart"
    assert paused.id in words(look_at_queue(idle))

    let_go_on(idle)
    assert next_turn(idle, read_queue(idle), None) == Queue((), None, waiting.id)
    with paused.events.open("a") as events:
        events.write(encode(Started(3.0, 1, 5)) + encode(Ended(4.0, "finished", 5)))
    write_queue(idle, held)
    assert look_at_queue(idle).held_by is None
    assert next_turn(idle, held, None) == Queue((), None, waiting.id), "nor does a run hold it that went on and ended"
    assert begun == [waiting, waiting]


def test_runs_begin_one_after_another_with_nobody_there(tiny, runs_dir, tmp_path):  # noqa: F811
    now = made(runs_dir, "now")
    write_json(now.trainer, {"pid": os.getpid(), "identity": identity(os.getpid())})
    taken = tmp_path / "taken"
    taken.mkdir()
    a, b, c, gone = (
        make_run(runs_dir, tiny_config(tiny, tmp_path / name, iters=2)) for name in ("a", "b", "taken", "gone")
    )
    for run in (a, gone, c, b):
        add(run)
    (taken / "adapters.safetensors").write_bytes(b"precious")
    assert words(look_at_queue(runs_dir)).startswith(f"Next after {now.id}: ")
    move_by(b, -1)
    move_to(b, 0)
    remove(gone)
    assert order(runs_dir) == [b.id, a.id, c.id]

    (worker,) = workers(runs_dir)
    assert os.getsid(worker.pid) == worker.pid
    worker.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_worked_off(runs_dir))
    assert "Nothing works on the queue" in words(look_at_queue(runs_dir))
    assert go_on(runs_dir) and not go_on(runs_dir)

    assert not b.log.exists(), "it waits for a run that somebody else began"
    write_json(now.trainer, {"pid": os.getpid(), "identity": "gone"})
    wait_for(lambda: not is_worked_off(runs_dir))
    assert [state(run) for run in (now, b, a, c)] == ["died", "finished", "finished", "failed"]
    assert _began(b) < _ended(b) < _began(a) < _ended(a)
    assert "holds an adapter already" in summarize(c).how
    assert (taken / "adapters.safetensors").read_bytes() == b"precious"
    assert read_queue(runs_dir) == Queue(started=a.id)


def test_what_was_launched_by_a_process_that_was_killed_then_is_not_launched_again(idle):
    run = made(idle)
    add(run)
    run.log.touch()
    assert state(run) == "starting"
    assert next_turn(idle, read_queue(idle), None) == Queue()


def _began(run):
    return _times(run, Started)[0]


def _ended(run):
    return _times(run, Ended)[-1]


def _times(run, kind):
    return [event.time for event in events(run) if isinstance(event, kind)]
