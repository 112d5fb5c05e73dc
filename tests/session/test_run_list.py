"""The list of runs, looked at again and again."""

import math
import os

from app.runs.curve import ITERATION, TOKENS
from app.runs.folder import create_run
from app.session import run_list
from app.session.run_list import RunList, fits
from app.wire.events import Ended, Step, Validation, encode
from app.wire.files import write_json
from app.wire.process import identity


def made(tmp_path, subject="tuned", steps=20, alive=False):
    config = {"model": "org/Small", "data": "rows", "adapter_path": subject, "train": True, "iters": 50}
    run = create_run(tmp_path / "runs", config, b"", None, tmp_path)
    events = [*(Step(0, at, 2.0, 10, 0.5) for at in range(1, steps + 1)), Validation(0, steps, 3.0, 1)]
    run.events.write_text("".join(map(encode, [*events, *([] if alive else [Ended(9, "finished", steps)])])))
    pid = os.getpid() if alive else 2**22 + 1
    write_json(run.trainer, {"pid": pid, "identity": identity(pid) or "gone"})
    if not alive:
        write_json(run.exit, {"code": 0, "signal": None})
    return run


def test_figures_come_bit_by_bit_and_curves_when_they_are_wanted(tmp_path, monkeypatch):
    runs = [made(tmp_path, f"tuned{at}") for at in range(3)]
    monkeypatch.setattr(run_list, "PATIENCE", -1.0)
    runs_list = RunList(tmp_path / "runs")
    look = runs_list.look([runs[0].id, "gone"], TOKENS)
    assert [one.figures for one in look.runs] == [None] * 3 and not look.is_whole
    assert list(look.lines) == [runs[0].id] and look.lines[runs[0].id].train.x[-1] == 200
    monkeypatch.setattr(run_list, "PATIENCE", 60.0)
    look = runs_list.look([], TOKENS)
    assert look.is_whole and {one.figures.tokens for one in look.runs} == {200}
    assert not look.lines


def test_a_run_that_goes_on_is_read_on_and_one_that_has_ended_is_not_read_again(tmp_path, monkeypatch):
    ended, living = made(tmp_path, "ended"), made(tmp_path, "living", alive=True)
    runs_list = RunList(tmp_path / "runs")
    before = runs_list.look([living.id], ITERATION)
    same = runs_list.look([living.id], ITERATION)
    assert same.lines[living.id] is before.lines[living.id] and same == before
    with living.events.open("a") as file:
        file.write(encode(Step(0, 21, math.nan, 10, 0.5)))
    read = []
    monkeypatch.setattr(run_list, "summarize", lambda folder: read.append(folder) or before.runs[0].summary)
    after = runs_list.look([living.id], ITERATION)
    assert read == [living] and ended.id in {one.id for one in after.runs}
    assert len(after.lines[living.id].train) == 21
    assert next(one for one in after.runs if one.id == living.id).figures.tokens == 210


def test_a_deleted_run_goes_and_a_new_one_comes(tmp_path):
    runs_list = RunList(tmp_path / "runs")
    assert runs_list.look(["x"], ITERATION).runs == ()
    run = made(tmp_path)
    assert [one.id for one in runs_list.look([run.id], ITERATION).runs] == [run.id]
    run.path.rename(tmp_path / "elsewhere")
    assert runs_list.look([run.id], ITERATION).runs == ()


def test_a_run_is_found_by_any_words_of_it(tmp_path):
    made(tmp_path, "style")
    (one,) = RunList(tmp_path / "runs").look([], ITERATION).runs
    assert all(fits(one, typed) for typed in ("", "small FIN", "rows style")) and not fits(one, "small failed")
