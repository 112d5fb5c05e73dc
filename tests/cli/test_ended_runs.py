"""stop, pause and resume of runs that have ended, without any trainer."""

import pytest

from app.cli import pause, resume, stop
from app.runs import wording
from app.runs.folder import create_run
from app.runs.listing import summarize
from app.runs.resume import plan
from app.wire.events import Ended, Started, Step, Tested, encode
from app.wire.files import write_json
from tests.cli.memory_files import run

CONFIG = {"model": "m", "data": "rows", "adapter_path": "tuned", "train": True, "iters": 400, "test": True}
NOTHING = (2).to_bytes(8, "little") + b"{}"


@pytest.fixture
def ended(tmp_path, monkeypatch):
    """Makes a run that has come so far, with states of the 50th and the 100th iteration."""
    monkeypatch.setenv("TUNEDECK_RUNS_DIR", str(tmp_path / "runs"))

    def make(outcome, iteration):
        made = create_run(tmp_path / "runs", CONFIG, b"", None, tmp_path)
        told = [Started(0, 1, 400), *(Step(0, at, 2.0, 10, 0.5) for at in range(1, iteration + 1))]
        told += [Tested(0, 2.5, 12.2)] * (outcome == "finished")
        made.events.write_text("".join(map(encode, [*told, Ended(1, outcome, iteration)])))
        write_json(made.exit, {"code": 0, "signal": None})
        for state in (made.states / "0000050", made.states / "0000100"):
            state.mkdir(parents=True)
            (state / "state.json").write_text("{}")
            for name in ("adapters", "optimizer"):
                (state / f"{name}.safetensors").write_bytes(NOTHING)
        return made

    return make


def test_a_paused_run_is_said_to_be_paused_and_can_be_stopped(ended, capsys):
    for options in ((), ("--now",)):
        paused = ended("paused", 120)
        assert run(pause, paused.id) == 0
        assert f"{paused.id} is paused already: tunedeck resume {paused.id}" in capsys.readouterr().out
        assert run(stop, paused.id, *options) == 0
        assert "was paused and counts as stopped now" in capsys.readouterr().out
        assert (summarize(paused).state, summarize(paused).iteration, plan(paused).iteration) == ("stopped", 120, 100)
        assert run(stop, paused.id) == 0
        assert "had ended already" in capsys.readouterr().out


def test_where_a_run_goes_on_is_said_and_what_it_never_came_to_is_refused(ended, capsys):
    stopped = ended("stopped", 120)
    [line] = wording.resumption(plan(stopped, since=110))
    assert line.endswith("goes on from iteration 100, the last one saved up to 110; the 20 after it are trained again.")
    assert run(resume, stopped.id, "--from", 121) == 2
    out, err = capsys.readouterr()
    assert "has come to iteration 120, so it cannot go on from 121" in err and "goes on" not in out + err


def test_a_run_that_has_finished_and_was_tested_is_not_tested_again(ended, capsys, tmp_path):
    finished = ended("finished", 400)
    before = finished.events.read_bytes()
    assert run(resume, finished.id) == 2
    told = capsys.readouterr().err
    assert (
        "has come to iteration 400 already; a higher number lets it go on. (--with FILE gives it)" in told
        and "goes on from" not in told
    )
    assert finished.events.read_bytes() == before
    assert plan(finished, config=CONFIG | {"iters": 500}).obstacle is None
    assert plan(ended("stopped", 400)).obstacle is None, "its test is still to do"


def test_the_adapter_of_a_later_run_is_named_with_what_allows_it(ended, capsys):
    first, later = ended("stopped", 120), ended("finished", 400)
    write_json(later.manifest, {"created": "9", "adapter_path": str(first.path.parent.parent / "tuned")})
    assert run(resume, first.id, "--from", 50) == 2
    told = capsys.readouterr().err
    assert later.id in told and "--overwrite" in told and "goes on" not in told
