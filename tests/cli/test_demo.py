"""`tunedeck demo` without a terminal, and its second start while the first still trains."""

import re
import signal
import subprocess
import sys

import pytest

from app.runs.listing import summarize
from tests.e2e.job import steps
from tests.terminal import workplace  # noqa: F401
from tests.tiny import wait_for


def start_demo(place):
    return subprocess.Popen(
        [sys.executable, "-m", "app", "demo"],
        cwd=place.folder,
        env=place.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_builds_in_the_cache_and_trains_and_a_second_one_joins_the_first(workplace):  # noqa: F811
    first = start_demo(workplace)
    wait_for(workplace.runs)
    (run,) = workplace.runs()
    wait_for(lambda: len(steps(run)) > 12)
    second = start_demo(workplace)
    told = []
    while not (told and "train loss" in told[-1]):
        told.append(second.stdout.readline())
        assert told[-1], second.stderr.read()
    assert workplace.runs() == [run]

    second.send_signal(signal.SIGINT)
    for watcher in (first, second):
        out, err = watcher.communicate(timeout=30)
        assert watcher.returncode == 3
        assert "Traceback" not in err
        assert out.splitlines()[-1].startswith("stopped at iteration")
    (cache,) = (workplace.folder / "cache" / "tunedeck").iterdir()
    assert (cache / "adapters" / "harbour-master" / "adapters.safetensors").exists()
    assert {path.name for path in workplace.folder.iterdir()} == {"cache", "runs", "home"}
    assert summarize(run).source == str(cache / "demo.yaml")


@pytest.mark.slow
def test_it_ends_0_with_a_loss_that_fell(workplace):  # noqa: F811
    done = workplace.tunedeck("demo", timeout=600)
    assert done.returncode == 0, done.stderr
    losses = [float(loss) for loss in re.findall(r"train loss (\d+\.\d+)", done.stdout)]
    assert losses[-1] < losses[0] / 2
    assert re.search(r"test loss \d+\.\d+, perplexity", done.stdout)
    assert done.stdout.splitlines()[-1].startswith("finished at iteration")
