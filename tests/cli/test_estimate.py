"""`tunedeck estimate`: what it says of a real model, against mlx-lm's own training, and its exit status."""

import contextlib
import json
import signal
import subprocess
import sys

import psutil
import pytest

from app.cli import estimate, probing
from app.memory.calibration import read_calibration
from app.memory.probe import DiedOfMemory
from app.session.state_file import state_folder
from tests.cli.memory_files import file, kept, peak_of_mlx_lm, rewrite, run, told  # noqa: F401
from tests.terminal import workplace  # noqa: F401
from tests.tiny import tiny, wait_for  # noqa: F401

NOTHING_ELSE_OPEN = "judged as if nothing else were open on that machine"


@pytest.mark.slow
def test_the_peak_is_what_mlx_lm_takes(file, capsys):  # noqa: F811
    rewrite(file, max_seq_length=512)  # longer than any row, so that the data decides
    status, found = told(estimate, capsys, file)
    assert status == 0
    assert (found["level"], found["method"], found["phase"]) == ("green", "traced", "update")
    assert (found["batch"], found["width"]) == (4, 97)
    measured = peak_of_mlx_lm(file)
    assert 0.97 * measured < found["peak_bytes"] < 1.03 * measured
    assert found["low_bytes"] < measured < found["high_bytes"]
    assert sum(found["parts"].values()) == pytest.approx(found["peak_bytes"], abs=100)
    assert list(found["parts"])[:3] == ["weights", "adapter", "optimizer"]
    assert 0 < found["seconds"] < 60


def test_the_exit_status_is_the_verdict(file, capsys):  # noqa: F811
    _, found = told(estimate, capsys, file)
    for ceiling, status, level in (
        (round(found["high_bytes"] * 1.1), 0, "green"),
        (found["high_bytes"], 1, "yellow"),
        (round(found["peak_bytes"] * 0.9), 2, "red"),
    ):
        got, other = told(estimate, capsys, file, "--ceiling", ceiling)
        assert (got, other["level"]) == (status, level)
        assert other["peak_bytes"] == found["peak_bytes"]
        assert other["verdicts"][0] | {"words": ""} == {"subject": "GPU memory", "level": level, "words": ""}
        assert other["notes"][0].startswith(NOTHING_ELSE_OPEN)
        assert run(estimate, file, "--ceiling", ceiling) == status


def test_another_machines_memory_is_judged_without_what_is_open_here(file, capsys):  # noqa: F811
    status, found = told(estimate, capsys, file, "--ram", "16GiB")
    assert status == 0
    assert [one["subject"] for one in found["verdicts"]] == ["memory"]
    assert "add --ceiling for a Mac's GPU" in found["notes"][0]
    status, found = told(estimate, capsys, file, "--ram", "4MB", "--ceiling", "11.8GB")
    assert (status, found["level"]) == (2, "red")
    assert [one["level"] for one in found["verdicts"]] == ["green", "red"]


def test_a_mac_of_another_size_is_not_made_up(file, capsys, monkeypatch):  # noqa: F811
    """An environment of Metal, in which only this question is asked: no Mac was ever asked it."""
    monkeypatch.setattr("app.memory.environment.installed_backends", lambda: ("metal",))
    status, found = told(estimate, capsys, file, "--ram", "24GiB")
    assert (status, found["level"]) == (3, "unknown")
    assert "--ceiling" in found["verdicts"][0]["words"]
    assert run(estimate, file, "--ram", "24GiB", "--ceiling", "17.76GiB") == 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"train": False}, "nothing is trained"),
        ({"model": "none/such"}, "HF_HUB_OFFLINE"),
        ({"model": "./nowhere"}, "nowhere"),
        ({"model": "odd"}, "no model_type"),
        ({"model": "torn"}, "cannot be built"),
    ],
)
def test_what_cannot_be_estimated_is_not_known(file, capsys, values, words):  # noqa: F811
    for name, config in (("odd", {"model_type": "unheard-of"}), ("torn", {"model_type": "llama"})):
        (file.parent / name).mkdir()
        (file.parent / name / "config.json").write_text(json.dumps(config))
    rewrite(file, **values)
    status, found = told(estimate, capsys, file)
    assert (status, found["level"], found["peak_bytes"]) == (3, "unknown", None)
    assert words in found["problem"]
    assert run(estimate, file) == 3
    out, err = capsys.readouterr()
    assert "not known yet" in out and words in err


def test_rows_that_are_not_known_count_as_the_longest(file, capsys):  # noqa: F811
    rewrite(file, data="nowhere")
    status, found = told(estimate, capsys, file)
    assert (status, found["width"]) == (0, 64)
    assert found["notes"][0].startswith("every row is taken to be 64 tokens long")


def test_unusable_input_is_not_taken_for_red(file, capsys):  # noqa: F811
    rewrite(file, iters="many")
    assert run(estimate, file) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1 and "train.yaml:" in err and "iters" in err
    status, found = told(estimate, capsys, file)
    assert status == 2 and list(found) == ["error"]
    status, found = told(estimate, capsys, file.parent / "nowhere.yaml")
    assert status == 2 and "There is no such file" in found["error"]


def test_a_probe_corrects_this_machines_estimates_from_then_on(file, capsys):  # noqa: F811
    _, before = told(estimate, capsys, file)
    status, found = told(estimate, capsys, file, "--probe")
    assert (status, found["method"]) == (0, "probed")
    assert found["probe"]["peak_bytes"] == pytest.approx(before["peak_bytes"], rel=0.03)
    assert found["peak_bytes"] == pytest.approx(found["probe"]["peak_bytes"], rel=0.001)
    _, after = told(estimate, capsys, file)
    assert (after["method"], after["peak_bytes"]) == ("probed", found["peak_bytes"])
    (measured,) = read_calibration(state_folder()).measurements
    assert measured.predicted_bytes == before["peak_bytes"] and not measured.died


def test_a_probe_that_dies_of_memory_is_red(file, capsys, monkeypatch):  # noqa: F811
    """As on a machine with too little: here the answer alone."""
    _, before = told(estimate, capsys, file)
    reached = before["peak_bytes"] * 2
    died = DiedOfMemory(reached, reached, "train", "the system ended it")
    monkeypatch.setattr(probing, "probe", lambda *_: died)
    status, found = told(estimate, capsys, file, "--probe")
    assert (status, found["level"]) == (2, "red")
    assert found["verdicts"][0]["words"].startswith("it died of memory")
    assert found["peak_bytes"] >= reached
    assert read_calibration(state_folder()).measurements[0].died
    assert run(estimate, file, "--probe", "--ram", "64GB") == 0  # another machine may have what this one had not


def test_interrupted_a_probe_is_given_up_and_the_estimate_stands(workplace, tiny):  # noqa: F811
    text = f"model: {tiny}/model\ndata: nowhere\ntrain: true\nnum_layers: 2\nbatch_size: 4\nmax_seq_length: 8192\n"
    workplace.write("train.yaml", text)
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "estimate", "train.yaml", "--probe"],
        cwd=workplace.folder,
        env=workplace.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    here = psutil.Process(process.pid)

    def probes() -> list[psutil.Process]:
        with contextlib.suppress(psutil.ZombieProcess):  # what counted the rows, not reaped yet
            return [child for child in here.children() if child.cmdline()[-1:] == ["probe"]]
        return []

    (probe,) = wait_for(probes)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 1, 2) and "Traceback" not in err
    assert "probe: it was given up" in out and "4 x 8192 tokens" in out
    assert not probe.is_running() or probe.status() == psutil.STATUS_ZOMBIE
