"""The demo's run, begun as a screen and as a plain line begin it."""

import shutil
import sys
from pathlib import Path

import pytest

from app.machine.backend import installed_backends
from app.runs.folder import RunError, manifest
from app.runs.listing import live_run, summarize
from app.runs.recorded import recorded_trainer
from app.runs.stop import request_stop
from app.session.demo import begin_demo
from tests.e2e.job import steps
from tests.tiny import tiny, wait_for  # noqa: F401


@pytest.fixture
def file(tmp_path, tiny):  # noqa: F811
    shutil.copytree(tiny, tmp_path / "demo")
    return tmp_path / "demo" / "demo.yaml"


def test_it_trains_in_its_own_folder_whatever_stood_there_and_one_at_a_time(tmp_path, file):
    stale = file.parent / "adapters" / "harbour-master"
    stale.mkdir(parents=True)
    (stale / "adapters.safetensors").write_bytes(b"an older one")
    (stale / "adapter_config.json").write_text("{}")
    run = begin_demo(file, tmp_path / "runs")
    try:
        assert live_run(tmp_path / "runs", file) == run
        assert manifest(run)["start_directory"] == str(file.parent)
        wait_for(lambda: len(steps(run)) > 2)
        if installed_backends() == ("cpu",) and sys.platform.startswith("linux"):
            pid = recorded_trainer(run)[0]
            assert b"\0MLX_DISABLE_COMPILE=1\0" in b"\0" + Path(f"/proc/{pid}/environ").read_bytes()
        with pytest.raises(RunError, match="another run"):
            begin_demo(file, tmp_path / "runs")
    finally:
        request_stop(run)
        wait_for(run.exit.exists)
    assert summarize(run).state == "stopped"
    assert (stale / "adapters.safetensors").stat().st_size > 1000
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [run.id], "the refused one left nothing behind"
