"""Trainers that really die on this computer, and what is told of it."""

import json
import os
import resource
import shutil
import signal
import subprocess

import pytest

from app.runs.launch import launch
from app.runs.listing import summarize
from app.runs.recorded import recorded_trainer
from app.wire.events import Step
from tests.tiny import events, make_run, start, tiny, tiny_config, wait_for  # noqa: F401


def report_of(run):
    """What is told of a run, once its supervisor has recorded its end."""
    wait_for(run.exit.exists)
    return summarize(run).crash


def iteration(run):
    return max((event.iteration for event in events(run) if isinstance(event, Step)), default=0)


def rows(folder, *lines):
    """A data folder of these training rows."""
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return str(folder)


def test_memory_that_is_limited_and_runs_out(tiny, tmp_path):  # noqa: F811
    """A batch whose attention alone takes more than 4 GB, under a limit that lets the tiny model load."""
    text = json.dumps({"text": "a long row " * 2000})
    config = tiny_config(
        tiny, tmp_path / "adapter", data=rows(tmp_path / "rows", *[text] * 8), batch_size=8, max_seq_length=8192
    )
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, before[1]))
    try:
        run = start(tmp_path / "runs", config)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    report = report_of(run)
    assert report.code == "out_of_memory", run.log.read_text()
    assert "4.0 GB" in report.why and "ulimit -v" in report.why
    assert {"grad_checkpoint": True} in [dict(each.changes) for each in report.proposals]
    assert report.trace


def test_a_trainer_that_is_killed_and_a_computer_that_goes_down(tiny, tmp_path):  # noqa: F811
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", iters=1_000_000, save_every=5))
    wait_for(lambda: run.pulse.exists() and iteration(run) > 5)
    os.kill(recorded_trainer(run)[0], signal.SIGKILL)
    report = report_of(run)
    assert report.code == "killed" and "SIGKILL" in report.title
    assert "At the last look the trainer held" in report.memory
    assert "The last checkpoint is of iteration" in report.kept

    run.exit.unlink()  # as if the supervisor had been killed as well
    report = wait_for(lambda: summarize(run).crash)
    assert "the computer ran on" in report.why
    record = json.loads(run.trainer.read_text())
    run.trainer.write_text(json.dumps(record | {"identity": "another-boot:1"}))
    report = summarize(run).crash
    assert (report.code, report.title) == ("lost", "The computer went down while it trained")
    assert "At the last look" in report.memory


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.getuid() or not shutil.which("mount") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_full(tiny, tmp_path, small_disk):  # noqa: F811
    """The first save finds no room for the adapter: the run goes on, and fails with its last one."""
    (small_disk / "adapter").mkdir()
    (small_disk / "other").write_bytes(bytes(56 * 1024))
    config = tiny_config(tiny, small_disk / "adapter", iters=4, save_every=2)
    report = report_of(start(tmp_path / "runs", config))
    assert report.code == "disk_full", report
    assert str(small_disk) in report.why
    assert "Free some space" in report.proposals[0].words


def test_a_run_whose_own_folder_is_on_the_full_disk(tiny, tmp_path, small_disk):  # noqa: F811
    """Neither the events nor the end can be written any more."""
    run = make_run(small_disk / "runs", tiny_config(tiny, tmp_path / "adapter", iters=20))
    launch(run)
    wait_for(lambda: iteration(run))
    with (small_disk / "other").open("wb", buffering=0) as other:
        try:
            while True:
                other.write(bytes(256))
        except OSError:
            pass
    wait_for(lambda: not summarize(run).alive)
    assert summarize(run).crash.code == "disk_full"


def test_a_row_in_the_middle_that_breaks(tiny, tmp_path):  # noqa: F811
    """Half a character, which JSON allows and no tokenizer takes."""
    sound = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    odd = {"messages": [{"role": "user", "content": "\ud800"}, {"role": "assistant", "content": "b"}]}
    lines = [json.dumps(odd if number == 7 else sound) for number in range(1, 13)]
    folder = rows(tmp_path / "rows", *lines)
    report = report_of(start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", data=folder)))
    assert report.code == "data_row", report
    assert report.title == f"A row of the data broke it: {folder}/train.jsonl:7"
