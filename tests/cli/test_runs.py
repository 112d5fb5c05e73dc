"""`tunedeck runs` on runs that have told their story."""

import csv
import json
import math
from argparse import ArgumentParser

import pytest

from app.cli import runs
from app.runs.folder import create_run
from app.wire.events import Ended, Report, Step, Validation, encode
from app.wire.files import write_json

HOSTILE = "[red]o[/x]\x1b[31m"


@pytest.fixture
def told(tmp_path):
    """A run of ten iterations, whose model's name is hostile."""
    config = {"model": f"org/{HOSTILE}", "data": "rows", "adapter_path": "tuned", "train": True, "iters": 50}
    run = create_run(tmp_path / "runs", config, b"", None, tmp_path)
    events = [*(Step(0, at, 2.0, 10, 0.5) for at in range(1, 11)), Report(0, 10, math.inf, 1e-5, 2, 20, 100, 1)]
    events += [Validation(0, 10, 1.5, 1), Ended(1, "failed", 10, HOSTILE)]
    run.events.write_text("".join(map(encode, events)))
    write_json(run.exit, {"code": 1, "signal": None})
    return run


def tunedeck_runs(run, *arguments) -> int:
    parser = ArgumentParser()
    runs.add_arguments(parser)
    return runs.run(parser.parse_args([*map(str, arguments), "--runs-dir", str(run.path.parent)]))


def test_a_line_tells_how_far_it_came_its_losses_best_time_and_model(told, capsys):
    assert tunedeck_runs(told) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert (
        line.startswith(told.id) and "failed, iteration 10 of 50, loss inf, valid 1.500, best 1.500 at 10, 5 s" in line
    )
    assert r"\x1b[31m" in line and "\x1b" not in line


def test_json_has_the_figures_of_the_whole_run(told, capsys):
    assert tunedeck_runs(told, "--json") == 0
    [one] = json.loads(capsys.readouterr().out, parse_constant=lambda name: None / 0)
    assert (one["train_loss"], one["best_loss"], one["best_iteration"]) == ("inf", 1.5, 10)
    assert (one["tokens"], one["seconds"], one["tokens_per_second"], one["data"]) == (100, 5.0, 20.0, "rows")


def test_a_curve_is_printed_or_written_and_a_file_that_stands_is_kept(told, tmp_path, capsys):
    assert tunedeck_runs(told, "--csv", told.id[:13]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert len(rows) == 10 and rows[-1]["validation_loss"] == "1.5"
    target = tmp_path / "curve.csv"
    target.write_text("mine")
    assert tunedeck_runs(told, "--csv", told.id, "-o", target) == 2 and target.read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert tunedeck_runs(told, "--csv", told.id, "-o", target, "--force") == 0
    assert target.read_text().startswith("iteration,tokens")
    assert tunedeck_runs(told, "--csv", "nothing") == 2 and tunedeck_runs(told, "-o", target) == 2
    assert "There is no run nothing" in capsys.readouterr().err
