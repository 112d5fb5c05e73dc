"""`tunedeck queue`: files are lined up, moved and taken out; two of them train with no app open."""

import pytest

from app.cli import queue, stop
from app.runs.folder import create_run
from app.runs.listing import list_runs
from app.runs.queue import read_queue
from app.wire.events import Ended, encode
from app.wire.files import write_json
from tests.cli.memory_files import file, kept, rewrite, run, told  # noqa: F401
from tests.e2e.job import job
from tests.terminal import workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401


@pytest.fixture
def runs_dir(tmp_path, monkeypatch):
    """Nothing begins what is queued there."""
    monkeypatch.setattr("app.runs.queued.go_on", lambda _: False)
    monkeypatch.setenv("TUNEDECK_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


def another(file, name, **values):  # noqa: F811
    """A file like it with an adapter of its own."""
    copy = file.with_name(f"{name}.yaml")
    copy.write_text(file.read_text())
    return rewrite(copy, adapter_path=name, **values)


def ids(runs_dir):
    return list(read_queue(runs_dir).order)


def test_files_are_queued_listed_moved_and_taken_out(file, runs_dir, capsys):  # noqa: F811
    assert run(queue, "add", another(file, "aa"), another(file, "bb"), another(file, "cc")) == 0
    a, b, c = ids(runs_dir)
    assert capsys.readouterr().out.splitlines()[-3:] == [f"queued {a}", f"queued {b}", f"queued {c}"]
    assert run(queue, "move", b, "UP") == 0
    assert ids(runs_dir) == [b, a, c]
    assert run(queue, "move", b, "3") == 0
    out = capsys.readouterr().out.splitlines()[-4:]
    assert [line.split()[:2] for line in out[:3]] == [["1", a], ["2", c], ["3", b]]
    assert out[3].startswith("Nothing works on the queue")
    assert run(queue, "remove", a) == 0
    status, now = told(queue, capsys)
    assert (status, [one["id"] for one in now["queued"]], now["worked_off"]) == (0, [c, b], False)
    assert {one["state"] for one in now["queued"]} == {"queued"}
    assert [one.id for one in list_runs(runs_dir)] == [c, b]
    assert run(queue, "move", a, "down") == 2 and f"No run {a} is queued" in capsys.readouterr().err
    assert run(stop, c) == 2 and "is queued and has not begun" in capsys.readouterr().err


def test_what_would_be_refused_later_is_refused_before_anything_is_queued(file, runs_dir, capsys):  # noqa: F811
    bad, good = another(file, "bad", num_layers=9), another(file, "good")
    assert run(queue, "add", "nosuch.yaml", good, bad) == 2
    told = capsys.readouterr().err
    assert "nosuch.yaml" in told and "[layers-above-depth]" in told and f"{bad}: this cannot be queued so" in told
    assert run(queue, "add", good, good) == 2
    assert f"{good} writes its adapter to" in capsys.readouterr().err
    assert not runs_dir.exists()
    paused = create_run(runs_dir, {"adapter_path": "p", "train": True}, b"", None, runs_dir)
    paused.events.write_text(encode(Ended(1.0, "paused", 3)))
    write_json(paused.exit, {"code": 0, "signal": None})
    assert run(queue, "add", good) == 0
    assert f"{paused.id} is paused, and the queue does not wait for it" in capsys.readouterr().err
    assert run(queue, "add", good) == 2
    assert "which is queued, writes its adapter" in capsys.readouterr().err
    assert run(queue, "add", good, "--overwrite") == 0
    assert len(ids(runs_dir)) == 2


def test_it_trains_with_no_app_open(workplace, tiny):  # noqa: F811
    workplace.write("train.yaml", job(tiny, iters=2))
    done = workplace.tunedeck("queue", "add", "train.yaml")
    assert done.returncode == 0, done.stderr
    (run,) = workplace.runs()
    assert done.stdout == f"queued {run.id}\n"
    wait_for(run.exit.exists)
    assert (workplace.folder / "adapters" / "adapters.safetensors").exists()
