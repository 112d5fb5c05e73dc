"""A run outlives whoever started it, and its death is known even with nobody there."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from app.runs.folder import RunError
from app.runs.launch import launch
from app.runs.listing import summarize
from app.runs.recorded import recorded_trainer
from app.runs.stop import request_stop
from app.wire.events import Ended, Step
from app.wire.process import engine_command, is_alive
from app.wire.run_folder import RunFolder
from tests.tiny import events, make_run, start, tiny, tiny_config, wait_for, wait_for_end  # noqa: F401

ENDLESS = {"iters": 1_000_000, "save_every": 1_000_000}
LAUNCH_AND_WAIT = """
import sys, time
from pathlib import Path
from app.runs.launch import launch
from app.wire.run_folder import RunFolder
launch(RunFolder(Path(sys.argv[1])))
print("launched", flush=True)
time.sleep(600)
"""


def test_it_lives_on_when_its_launcher_is_killed_and_one_folder_has_one_writer(tiny, tmp_path):  # noqa: F811
    adapter = tmp_path / "adapter"
    run = make_run(tmp_path / "runs", tiny_config(tiny, adapter, **ENDLESS))
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCH_AND_WAIT, str(run.path)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert launcher.stdout.readline() == b"launched\n"
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait()
    trainer = recorded_trainer(run)
    wait_for(lambda: _last_iteration(run) > 2)
    assert is_alive(*trainer)
    assert os.getsid(trainer[0]) not in (launcher.pid, os.getsid(0))
    assert summarize(run).state == "running"

    link = tmp_path / "another-name"
    link.symlink_to(adapter)
    second = make_run(tmp_path / "runs", tiny_config(tiny, link))
    with pytest.raises(RunError, match="being written by another run"):
        launch(second)
    # The trainer itself refuses as well, for whoever slipped past the launcher.
    assert subprocess.run(engine_command("train", str(second.path)), check=False, cwd=tmp_path).returncode == 1
    last = events(second)[-1]
    assert isinstance(last, Ended)
    assert (last.outcome, "being written by another run" in last.reason) == ("failed", True)

    request_stop(run)
    wait_for_end(run)
    third = make_run(tmp_path / "runs", tiny_config(tiny, adapter))
    with pytest.raises(RunError, match="holds an adapter already"):
        launch(third)


def test_a_computer_that_shuts_down_lets_a_run_save(tiny, tmp_path):  # noqa: F811
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", **ENDLESS))
    wait_for(lambda: _last_iteration(run) > 0)
    supervisor = psutil.Process(recorded_trainer(run)[0]).parent()
    supervisor.send_signal(signal.SIGHUP)
    supervisor.send_signal(signal.SIGTERM)
    assert wait_for_end(run)[-1].outcome == "stopped"
    assert (tmp_path / "adapter" / "adapters.safetensors").exists()


def test_markup_in_the_model_path_is_just_a_name(tiny, tmp_path):  # noqa: F811
    (tmp_path / "model[" / "x]").parent.mkdir()
    model = tmp_path / "model[" / "x] [red]"
    model.symlink_to(tiny / "model")
    run = start(tmp_path / "runs", tiny_config(tiny, tmp_path / "adapter", model=str(model), iters=1))
    assert wait_for_end(run)[-1].outcome == "finished"
    assert "\x1b" not in run.log.read_text()


def test_an_unknown_start_directory_is_a_sentence(tiny, tmp_path):  # noqa: F811
    run = make_run(tmp_path / "gone" / "runs", tiny_config(tiny, tmp_path / "adapter"))
    moved = RunFolder((tmp_path / "gone" / "runs").rename(tmp_path / "kept") / run.id)
    (tmp_path / "gone").rmdir()
    with pytest.raises(RunError, match="cannot start in"):
        launch(moved)


def _last_iteration(run):
    return max((event.iteration for event in events(run) if isinstance(event, Step)), default=0)
